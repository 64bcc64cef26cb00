"""What every test of the registry starts from: an unchanged MLflow client with a registry URI and credentials."""

import os
import unittest
import uuid

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

URL = os.environ["PLUMBLINE_URL"]
TOKEN = os.environ["MLFLOW_TRACKING_TOKEN"]
USERNAME = os.environ["PLUMBLINE_TEST_USERNAME"]
PASSWORD = os.environ["PLUMBLINE_TEST_PASSWORD"]
SOURCE = "s3://bucket/model"
VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2])


def api(method, path, **more):
    headers = {"Authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
    return requests.request(method, URL + path, headers=headers, timeout=30, **more)


def since(*version):
    """For what older clients do not have."""
    return unittest.skipIf(VERSION < version, f"came with MLflow {'.'.join(map(str, version))}")


class RegistryTest(unittest.TestCase):
    def setUp(self):
        self.client = MlflowClient(tracking_uri=mlflow.get_tracking_uri(), registry_uri=URL)
        self.name = f"model {uuid.uuid4().hex[:12]}"

    def model(self, versions=0, **more):
        self.client.create_registered_model(self.name, **more)
        for _ in range(versions):
            self.client.create_model_version(self.name, SOURCE)
        return self.name

    def refused(self, code, work, *given, **named):
        with self.assertRaises(MlflowException) as caught:
            work(*given, **named)
        self.assertEqual(caught.exception.error_code, code)
        return caught.exception.message
