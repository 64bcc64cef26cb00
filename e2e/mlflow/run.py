"""Runs every test beside it and ends with one line of JSON: {"passed": …, "failed": …}."""

import json
import logging
import os
import sys
import tempfile
import unittest
import warnings

import mlflow

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(f"file://{folder}/runs")
        mlflow.set_registry_uri(os.environ["PLUMBLINE_URL"])
        # Stages are deprecated and waiting for a version is announced each time: both known, both noise here.
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        warnings.simplefilter("ignore", FutureWarning)
        suite = unittest.defaultTestLoader.discover(os.path.dirname(os.path.abspath(__file__)))
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, warnings=None).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(json.dumps({"passed": result.testsRun - failed - len(result.skipped), "failed": failed}))
