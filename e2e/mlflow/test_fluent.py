"""The fluent interface with a tracking store of its own: the registry gets the address, never the files."""

import os
import tempfile

import mlflow
from registry_case import RegistryTest, since

try:
    from mlflow.entities import LoggedModelOutput
except ImportError:
    LoggedModelOutput = None


class Twice(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [2 * value for value in model_input["x"]]


class LogModel(RegistryTest):
    """`log_model(registered_model_name=…)`, then `load_model` by every kind of address."""

    @classmethod
    def setUpClass(cls):
        mlflow.set_experiment("log_model")

    def log(self):
        where = {"name": "model"} if mlflow.__version__ >= "3" else {"artifact_path": "model"}
        with mlflow.start_run() as run:
            # Named, or the client would start a process to find out what the model imports.
            mlflow.pyfunc.log_model(
                python_model=Twice(), registered_model_name=self.name, pip_requirements=["mlflow"], **where
            )
        return run.info.run_id

    def test_log_register_load(self):
        import pandas

        self.log()
        self.log()
        self.assertEqual({v.version for v in self.client.search_model_versions(f"name = '{self.name}'")}, {"1", "2"})
        self.client.set_registered_model_alias(self.name, "best", "1")
        for address in (f"{self.name}@best", f"{self.name}/2", f"{self.name}/latest"):
            model = mlflow.pyfunc.load_model(f"models:/{address}")
            self.assertEqual(list(model.predict(pandas.DataFrame({"x": [1, 2]}))), [2, 4], address)

    def test_a_stage_as_an_address(self):
        self.log()
        self.client.transition_model_version_stage(self.name, "1", "Staging")
        self.assertIsNotNone(mlflow.pyfunc.load_model(f"models:/{self.name}/Staging"))

    def test_register_a_runs_model(self):
        where = {"name": "model"} if mlflow.__version__ >= "3" else {"artifact_path": "model"}
        with mlflow.start_run() as run:
            mlflow.pyfunc.log_model(python_model=Twice(), pip_requirements=["mlflow"], **where)
        version = mlflow.register_model(f"runs:/{run.info.run_id}/model", self.name)
        self.assertEqual((version.version, version.status), ("1", "READY"))
        self.assertIsNotNone(mlflow.pyfunc.load_model(f"models:/{self.name}/1"))


@since(3, 0)
class LoggedModels(RegistryTest):
    """Models that are entities of the tracking store, and only an address here."""

    @classmethod
    def setUpClass(cls):
        mlflow.set_experiment("e2e")

    def test_a_logged_model(self):
        logged = mlflow.initialize_logged_model(name="m")
        mlflow.finalize_logged_model(logged.model_id, "READY")
        version = mlflow.register_model(logged.model_uri, self.name, tags={"k": "v"})
        self.assertEqual((version.version, version.source), ("1", f"models:/{logged.model_id}"))
        self.assertEqual(self.client.get_model_version_download_uri(self.name, "1"), f"models:/{logged.model_id}")
        self.assertEqual(mlflow.register_model(logged.model_uri, self.name).version, "2")
        self.assertEqual([m.name for m in mlflow.search_registered_models(filter_string=f"name = '{self.name}'")], [self.name])

    def logged(self, run_id):
        """What a flavor's `log_model` leaves behind, without the flavor's packages."""
        logged = mlflow.initialize_logged_model(name="model", source_run_id=run_id)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "weights.txt"), "w") as file:
                file.write("x")
            self.client.log_model_artifacts(logged.model_id, folder)
        self.client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
        mlflow.finalize_logged_model(logged.model_id, "READY")
        return logged.model_id

    def test_a_runs_address(self):
        with mlflow.start_run() as run:
            model_id = self.logged(run.info.run_id)
        version = mlflow.register_model(f"runs:/{run.info.run_id}/model", self.name)
        self.assertEqual((version.version, version.source), ("1", f"models:/{model_id}"))

    def test_a_runs_folder(self):
        with mlflow.start_run() as run:
            mlflow.log_text("flavors: {}", "model/MLmodel")
        version = mlflow.register_model(f"runs:/{run.info.run_id}/model", self.name)
        self.assertEqual((version.version, version.run_id), ("1", run.info.run_id))
        self.refused("INVALID_PARAMETER_VALUE", mlflow.register_model, "/home/me/model", self.name)

    def test_artifacts_by_version_alias_and_copy(self):
        with mlflow.start_run() as run:
            model_id = self.logged(run.info.run_id)
        mlflow.register_model(f"models:/{model_id}", self.name)
        self.client.set_registered_model_alias(self.name, "best", "1")
        self.client.copy_model_version(f"models:/{self.name}@best", self.name + " copy")
        for address in (f"{self.name}/1", f"{self.name}@best", f"{self.name}/latest", f"{self.name} copy/1"):
            folder = mlflow.artifacts.download_artifacts(f"models:/{address}")
            self.assertIn("weights.txt", os.listdir(folder), address)


