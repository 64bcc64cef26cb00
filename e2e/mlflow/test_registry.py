"""The registry as an unchanged MLflow client sees it: models, versions, aliases, credentials."""

import os
from concurrent.futures import ThreadPoolExecutor

import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from registry_case import PASSWORD, SOURCE, TOKEN, URL, USERNAME, VERSION, RegistryTest, api


class Models(RegistryTest):
    def test_create_and_get(self):
        made = self.client.create_registered_model(self.name, tags={"team": "risk"}, description="What it is")
        read = self.client.get_registered_model(self.name)
        for model in (made, read):
            self.assertEqual(model.name, self.name)
            self.assertEqual(model.tags, {"team": "risk"})
            self.assertEqual(model.description, "What it is")
            self.assertGreater(model.creation_timestamp, 1_600_000_000_000)
            self.assertEqual(model.latest_versions, [])

    def test_a_taken_name_is_told(self):
        self.model()
        message = self.refused("RESOURCE_ALREADY_EXISTS", self.client.create_registered_model, self.name)
        self.assertIn(f"Registered Model (name={self.name}) already exists", message)

    def test_an_absent_model_is_told(self):
        message = self.refused("RESOURCE_DOES_NOT_EXIST", self.client.get_registered_model, "nix")
        self.assertIn("Registered Model with name=nix not found", message)

    def test_update_and_clear_the_description(self):
        self.model(description="before")
        self.assertEqual(self.client.update_registered_model(self.name, description="after").description, "after")
        self.assertFalse(self.client.update_registered_model(self.name, description="").description)
        if VERSION >= (3, 0):
            self.client.update_registered_model(self.name, description="again")
            self.assertFalse(self.client.update_registered_model(self.name, description=None).description)

    def test_rename_keeps_versions(self):
        self.model(versions=1)
        self.client.rename_registered_model(self.name, self.name + " b")
        self.assertEqual(self.client.get_registered_model(self.name + " b").name, self.name + " b")
        self.assertEqual(self.client.get_model_version(self.name + " b", "1").source, SOURCE)
        self.refused("RESOURCE_DOES_NOT_EXIST", self.client.get_registered_model, self.name)

    def test_tags(self):
        self.model()
        self.client.set_registered_model_tag(self.name, "a/b c", "1")
        self.client.set_registered_model_tag(self.name, "a/b c", "2")
        self.client.set_registered_model_tag(self.name, "ö", "x" * 5000)
        self.assertEqual(self.client.get_registered_model(self.name).tags, {"a/b c": "2", "ö": "x" * 5000})
        self.client.delete_registered_model_tag(self.name, "a/b c")
        self.client.delete_registered_model_tag(self.name, "absent")
        self.assertEqual(list(self.client.get_registered_model(self.name).tags), ["ö"])

    def test_delete_takes_everything(self):
        self.model(versions=1)
        self.client.delete_registered_model(self.name)
        self.refused("RESOURCE_DOES_NOT_EXIST", self.client.get_model_version, self.name, "1")
        self.model(versions=1)
        self.assertEqual(self.client.get_model_version(self.name, "1").version, "1")

    def test_a_name_with_slashes_quotes_and_umlauts(self):
        self.name = f"ä/b:c & 'd' %20+ {self.name}"
        self.model(versions=1)
        self.assertEqual(self.client.get_registered_model(self.name).latest_versions[0].version, "1")

    def test_over_long_values_are_the_senders_mistake(self):
        self.refused("INVALID_PARAMETER_VALUE", self.client.create_registered_model, "x" * 257)
        self.model()
        self.refused("INVALID_PARAMETER_VALUE", self.client.create_model_version, self.name, "s3://" + "x" * 500)


class Versions(RegistryTest):
    def test_create_get_update(self):
        self.model()
        made = self.client.create_model_version(
            self.name, SOURCE, run_id="0123456789abcdef0123456789abcdef", tags={"k": "v"}, description="first"
        )
        read = self.client.get_model_version(self.name, made.version)
        for version in (made, read):
            self.assertEqual((version.version, version.status, version.source), ("1", "READY", SOURCE))
            self.assertEqual((version.tags, version.description), ({"k": "v"}, "first"))
            self.assertEqual((version.run_id, version.current_stage), ("0123456789abcdef0123456789abcdef", "None"))
        self.assertEqual(self.client.update_model_version(self.name, "1", "better").description, "better")
        self.assertEqual(self.client.get_model_version_download_uri(self.name, "1"), SOURCE)

    def test_tags(self):
        self.model(versions=1)
        self.client.set_model_version_tag(self.name, "1", "a", "1")
        self.client.set_model_version_tag(self.name, "1", "b", "2")
        self.client.delete_model_version_tag(self.name, "1", "a")
        self.assertEqual(self.client.get_model_version(self.name, "1").tags, {"b": "2"})

    def test_a_deleted_number_is_not_given_again(self):
        self.model(versions=2)
        self.client.delete_model_version(self.name, "2")
        self.refused("RESOURCE_DOES_NOT_EXIST", self.client.get_model_version, self.name, "2")
        self.assertEqual(self.client.create_model_version(self.name, SOURCE).version, "3")

    def test_stages(self):
        self.model(versions=3)
        self.client.transition_model_version_stage(self.name, "1", "Production")
        moved = self.client.transition_model_version_stage(self.name, "2", "production", archive_existing_versions=True)
        self.assertEqual(moved.current_stage, "Production")
        self.assertEqual(self.client.get_model_version(self.name, "1").current_stage, "Archived")
        latest = {v.current_stage: v.version for v in self.client.get_latest_versions(self.name)}
        self.assertEqual(latest, {"Archived": "1", "Production": "2", "None": "3"})
        found = self.client.get_latest_versions(self.name, stages=["production"])
        self.assertEqual([v.version for v in found], ["2"])
        change = self.client.transition_model_version_stage
        self.refused("INVALID_PARAMETER_VALUE", change, self.name, "1", "Live")
        self.refused("INVALID_PARAMETER_VALUE", change, self.name, "1", "Archived", archive_existing_versions=True)

    def test_copy(self):
        self.model(versions=1)
        copy = self.client.copy_model_version(f"models:/{self.name}/1", self.name + " copy")
        self.assertEqual((copy.name, copy.version), (self.name + " copy", "1"))
        self.assertEqual(copy.source, f"models:/{self.name}/1")
        self.assertEqual(self.client.get_model_version_download_uri(copy.name, "1"), SOURCE)

    def test_many_at_once(self):
        def register(_):
            client = MlflowClient(registry_uri=URL)
            try:
                client.create_registered_model(self.name)
            except MlflowException as error:
                assert error.error_code == "RESOURCE_ALREADY_EXISTS", error
            return int(client.create_model_version(self.name, SOURCE).version)

        with ThreadPoolExecutor(16) as pool:
            self.assertEqual(sorted(pool.map(register, range(32))), list(range(1, 33)))


class Aliases(RegistryTest):
    def test_set_move_read_delete(self):
        self.model(versions=2)
        self.client.set_registered_model_alias(self.name, "best", "1")
        self.client.set_registered_model_alias(self.name, "best", "2")
        self.assertEqual(self.client.get_model_version_by_alias(self.name, "best").version, "2")
        self.assertEqual(self.client.get_registered_model(self.name).aliases, {"best": "2"})
        self.assertEqual(self.client.get_model_version(self.name, "2").aliases, ["best"])
        self.client.delete_registered_model_alias(self.name, "best")
        message = self.refused("INVALID_PARAMETER_VALUE", self.client.get_model_version_by_alias, self.name, "best")
        self.assertIn("Registered model alias best not found", message)

    def test_none_is_left_dangling(self):
        self.model(versions=1)
        self.client.set_registered_model_alias(self.name, "best", "1")
        self.client.delete_model_version(self.name, "1")
        self.assertEqual(self.client.get_registered_model(self.name).aliases, {})
        self.refused("INVALID_PARAMETER_VALUE", self.client.get_model_version_by_alias, self.name, "best")

    def test_of_an_absent_version(self):
        self.model()
        set_alias = self.client.set_registered_model_alias
        message = self.refused("RESOURCE_DOES_NOT_EXIST", set_alias, self.name, "best", "7")
        self.assertIn(f"Model Version (name={self.name}, version=7) not found", message)

    def test_what_serves_needs_an_approval(self):
        self.model(versions=1)
        path = f"/api/v1/models/{requests.utils.quote(self.name, safe='')}"
        read = api("GET", path)
        changed = api("PATCH", path, json={"tier": "high"}, headers={"If-Match": read.headers.get("etag", "")})
        self.assertEqual(changed.status_code, 200, changed.text)
        self.refused("PERMISSION_DENIED", self.client.set_registered_model_alias, self.name, "champion", "1")
        self.client.set_registered_model_alias(self.name, "challenger", "1")


class Credentials(RegistryTest):
    def raw(self, **more):
        return requests.get(f"{URL}/api/2.0/mlflow/registered-models/get", params={"name": self.name}, timeout=30, **more)

    def test_bearer_and_basic(self):
        self.model()
        self.assertEqual(self.raw(headers={"Authorization": f"Bearer {TOKEN}"}).status_code, 200)
        self.assertEqual(self.raw(auth=("anyone", TOKEN)).status_code, 200)
        self.assertEqual(self.raw(auth=(USERNAME, PASSWORD)).status_code, 200)

    def test_a_password_in_the_environment(self):
        held = os.environ.pop("MLFLOW_TRACKING_TOKEN")
        os.environ.update(MLFLOW_TRACKING_USERNAME=USERNAME, MLFLOW_TRACKING_PASSWORD=PASSWORD)
        try:
            self.model(versions=1)
        finally:
            del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
            os.environ["MLFLOW_TRACKING_TOKEN"] = held

    def test_none_and_wrong_ones(self):
        for more in ({}, {"headers": {"Authorization": "Bearer plb_wrong"}}, {"auth": (USERNAME, "wrong")}):
            answer = self.raw(**more)
            self.assertEqual((answer.status_code, answer.json()["error_code"]), (401, "UNAUTHENTICATED"))

    def test_addresses(self):
        self.model()
        other = f"{URL}/ajax-api/2.0/mlflow/registered-models/get"
        self.assertEqual(requests.get(other, {"name": self.name}, auth=("", TOKEN), timeout=30).status_code, 200)
        info = requests.get(f"{URL}/api/3.0/mlflow/server-info", timeout=30).json()
        self.assertEqual(info, {"store_type": "SqlStore", "workspaces_enabled": False})
        unknown = api("POST", "/api/2.0/mlflow/registered-models/list", json={})
        self.assertEqual((unknown.status_code, unknown.json()["error_code"]), (404, "ENDPOINT_NOT_FOUND"))
