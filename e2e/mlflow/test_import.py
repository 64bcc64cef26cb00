"""`npm run import:mlflow` from a real MLflow server: everything comes over once, and nothing is overwritten."""

import os
import subprocess
import unittest
import uuid

import requests
from mlflow import MlflowClient
from registry_case import TOKEN, URL, RegistryTest, api

SOURCE = os.environ.get("MLFLOW_IMPORT_FROM")
NODE = os.environ.get("PLUMBLINE_NODE", "node")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


@unittest.skipUnless(SOURCE, "one client is enough: the import is the server's business")
class Import(RegistryTest):
    def setUp(self):
        super().setUp()
        self.source = MlflowClient(tracking_uri=SOURCE, registry_uri=SOURCE)

    def run_import(self):
        done = subprocess.run(
            [NODE, "scripts/import-mlflow.ts", "--from", SOURCE, "--to", URL],
            cwd=ROOT,
            env={**os.environ, "PLUMBLINE_TOKEN": TOKEN, "MLFLOW_TRACKING_TOKEN": ""},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    def a_run(self):
        from mlflow.entities import Dataset, DatasetInput, InputTag

        run_id = self.source.create_run("0").info.run_id
        self.source.log_metric(run_id, "auc", 0.81)
        self.source.log_metric(run_id, "loss", float("nan"))
        self.source.log_param(run_id, "depth", "3")
        data = Dataset(name="loans", digest="abc123", source_type="local", source="{}")
        self.source.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
        return run_id

    def test_everything_comes_over_once_and_nothing_is_overwritten(self):
        run_id = self.a_run()
        name = f"imported {uuid.uuid4().hex[:8]}"
        self.source.create_registered_model(name, tags={"team": "risk"}, description="Scores applicants")
        for n in range(1, 4):
            self.source.create_model_version(
                name, f"s3://b/{n}", run_id=run_id if n == 3 else None, tags={"n": str(n)}, description=f"number {n}",
                run_link="https://runs.example/1",
            )
        self.source.delete_model_version(name, "2")
        self.source.transition_model_version_stage(name, "1", "Staging")
        self.source.set_registered_model_alias(name, "champion", "3")
        self.source.copy_model_version(f"models:/{name}/3", name + " copy")
        prompt = f"prompt-{uuid.uuid4().hex[:8]}"
        self.source.create_prompt(prompt)
        self.source.create_prompt_version(prompt, "Say {{word}}")
        quoted = name + " it's"
        self.source.create_registered_model(quoted)

        code, said = self.run_import()
        self.assertEqual(code, 0, said)
        self.assertIn("0 conflicts, 0 failed", said)
        there, here = self.source.get_registered_model(name), self.client.get_registered_model(name)
        for field in ("name", "description", "tags", "aliases", "creation_timestamp", "last_updated_timestamp"):
            self.assertEqual(getattr(here, field), getattr(there, field), field)
        found = {v.version: v for v in self.client.search_model_versions(f"name = '{name}'")}
        self.assertEqual(sorted(found), ["1", "3"])
        for there in self.source.search_model_versions(f"name = '{name}'"):
            for field in ("source", "run_id", "run_link", "description", "tags", "current_stage", "creation_timestamp"):
                self.assertEqual(getattr(found[there.version], field) or "", getattr(there, field) or "", field)
        self.assertEqual(self.client.get_model_version_download_uri(name + " copy", "1"), "s3://b/3")
        self.assertEqual(self.client.get_prompt_version(prompt, "1").template, "Say {{word}}")
        self.assertEqual(self.client.get_registered_model(quoted).name, quoted)
        path = f"/api/v1/models/{requests.utils.quote(name, safe='')}/versions/3"
        version = api("GET", path).json()
        self.assertEqual((version["metrics"], version["params"]), ({"auc": 0.81}, {"depth": "3"}))
        dataset = {"name": "loans", "digest": "abc123", "sourceType": "local", "context": "training"}
        self.assertEqual(version["dataset"], [dataset])
        self.assertEqual(self.client.create_model_version(name, "s3://b/4").version, "4")

        code, said = self.run_import()
        self.assertEqual(code, 0, said)
        self.assertIn("0 created, 0 versions added, 0 changed, 0 conflicts, 0 failed", said)

        self.client.set_registered_model_tag(name, "team", "fraud")
        self.source.create_model_version(name, "s3://b/other")
        code, said = self.run_import()
        self.assertEqual(code, 3, said)
        self.assertIn(f'{name}: conflict in tag team: here "fraud", there "risk"', said)
        self.assertIn("conflict in version 4 source", said)
        self.assertEqual(self.client.get_registered_model(name).tags, {"team": "fraud"})
        self.assertEqual(self.client.get_model_version(name, "4").source, "s3://b/4")

    def test_a_server_that_is_none_is_told(self):
        done = subprocess.run(
            [NODE, "scripts/import-mlflow.ts", "--from", "http://127.0.0.1:1", "--to", URL],
            cwd=ROOT,
            env={**os.environ, "PLUMBLINE_TOKEN": TOKEN},
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(done.returncode, 1)
