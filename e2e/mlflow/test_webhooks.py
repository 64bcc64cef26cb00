"""Webhooks as the client manages them, and what a receiver gets."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mlflow
from registry_case import SOURCE, RegistryTest, since

try:
    from mlflow.webhooks.delivery import _generate_hmac_signature as sign
except ImportError:
    sign = None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.received.append((self.path, dict(self.headers), body))
        failing = self.server.failures.get(self.path, 0)
        self.server.failures[self.path] = failing - 1
        self.send_response(503 if failing > 0 else 200)
        self.end_headers()
        self.wfile.write(b"heard")

    def log_message(self, *_):
        pass


@since(3, 3)
class Webhooks(RegistryTest):
    @classmethod
    def setUpClass(cls):
        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        cls.server.received, cls.server.failures = [], {}
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def hook(self, events, **more):
        path = f"/{uuid.uuid4().hex}"
        made = self.client.create_webhook(
            "ci", f"http://127.0.0.1:{self.server.server_port}{path}", events, **more
        )
        self.addCleanup(self.client.delete_webhook, made.webhook_id)
        return made, path

    def heard(self, path, count, patience=15):
        deadline = time.time() + patience
        while time.time() < deadline:
            found = [(headers, body) for to, headers, body in self.server.received if to == path]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        self.fail(f"{count} deliveries were due, {len(found)} came")

    def test_create_get_list_update_delete(self):
        made, _ = self.hook(["model_version.created"], description="builds", secret="geheim")
        read = self.client.get_webhook(made.webhook_id)
        self.assertEqual((read.name, read.description, str(read.status)), ("ci", "builds", "ACTIVE"))
        self.assertEqual([str(event) for event in read.events], ["model_version.created"])
        self.assertIsNone(read.secret)
        self.assertIn(made.webhook_id, [hook.webhook_id for hook in self.client.list_webhooks()])
        changed = self.client.update_webhook(made.webhook_id, status="DISABLED", events=["prompt.created"])
        self.assertEqual((changed.name, str(changed.status)), ("ci", "DISABLED"))
        self.assertEqual([str(event) for event in changed.events], ["prompt.created"])
        gone = self.client.create_webhook("gone", "https://example.com/", ["prompt.created"])
        self.client.delete_webhook(gone.webhook_id)
        self.refused("RESOURCE_DOES_NOT_EXIST", self.client.get_webhook, gone.webhook_id)

    def test_pages(self):
        made = {self.hook(["prompt.created"])[0].webhook_id for _ in range(3)}
        found, token = [], None
        while True:
            page = self.client.list_webhooks(max_results=2, page_token=token)
            found += [hook.webhook_id for hook in page]
            token = page.token
            if not token:
                break
        self.assertTrue(made.issubset(found))
        self.assertEqual(len(found), len(set(found)))

    def test_mistakes(self):
        create = self.client.create_webhook
        for url in ("http://example.com/", "https://169.254.169.254/", "https://localhost/", "ftp://example.com/"):
            self.refused("INVALID_PARAMETER_VALUE", create, "ci", url, ["prompt.created"])
        self.refused("INVALID_PARAMETER_VALUE", create, "not a name", "https://example.com/", ["prompt.created"])
        self.refused("RESOURCE_DOES_NOT_EXIST", self.client.test_webhook, str(uuid.uuid4()))

    def test_a_test_message(self):
        made, path = self.hook(["model_version.created"], secret="geheim")
        result = self.client.test_webhook(made.webhook_id)
        self.assertEqual((result.success, result.response_status, result.response_body), (True, 200, "heard"))
        ((_, body),) = self.heard(path, 1)
        self.assertEqual(json.loads(body)["data"]["name"], "example_model")

    def test_every_event_of_models_signed_as_the_client_signs(self):
        made, path = self.hook(
            [
                "registered_model.created",
                "model_version.created",
                "model_version_tag.set",
                "model_version_tag.deleted",
                "model_version_alias.created",
                "model_version_alias.deleted",
            ],
            secret="geheim ü",
        )
        self.model(tags={"team": "risk"})
        self.client.create_model_version(self.name, SOURCE)
        self.client.set_model_version_tag(self.name, "1", "k", "v")
        self.client.delete_model_version_tag(self.name, "1", "k")
        self.client.set_registered_model_alias(self.name, "best", "1")
        self.client.delete_registered_model_alias(self.name, "best")
        self.client.set_registered_model_tag(self.name, "silent", "yes")
        told = {}
        for headers, body in self.heard(path, 6):
            message = json.loads(body)
            told[f"{message['entity']}.{message['action']}"] = message["data"]
            due = sign("geheim ü", headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"], body)
            self.assertEqual(headers["X-MLflow-Signature"], due)
        at = {"name": self.name, "version": "1"}
        self.assertEqual(
            told,
            {
                "registered_model.created": {"name": self.name, "tags": {"team": "risk"}, "description": ""}
                | {"description": told["registered_model.created"]["description"]},
                "model_version.created": {**at, "source": SOURCE, "run_id": None, "tags": {}, "description": None},
                "model_version_tag.set": {**at, "key": "k", "value": "v"},
                "model_version_tag.deleted": {**at, "key": "k"},
                "model_version_alias.created": {**at, "alias": "best"},
                "model_version_alias.deleted": {"name": self.name, "alias": "best"},
            },
        )

    def test_events_of_prompts(self):
        made, path = self.hook(["prompt.created", "prompt_version.created", "prompt_alias.created", "prompt_tag.set"])
        name = "prompt-" + uuid.uuid4().hex[:8]
        mlflow.genai.register_prompt(name=name, template="Say {{word}}")
        mlflow.genai.set_prompt_alias(name, alias="live", version=1)
        self.client.set_prompt_tag(name, "k", "v")
        due = [
            ("prompt_alias", {"name": name, "alias": "live", "version": "1"}),
            ("prompt_tag", {"name": name, "key": "k", "value": "v"}),
        ]
        # The client sets tags of its own beside ours.
        for count in range(4, 10):
            told = [(json.loads(body)["entity"], json.loads(body)["data"]) for _, body in self.heard(path, count)]
            if all(one in told for one in due):
                break
        self.assertEqual([data["template"] for entity, data in told if entity == "prompt_version"], ["Say {{word}}"])
        self.assertEqual([data["name"] for entity, data in told if entity == "prompt"], [name])

    def test_a_receiver_that_fails_once_is_asked_again(self):
        made, path = self.hook(["registered_model.created"])
        self.server.failures[path] = 1
        self.model()
        first, second = self.heard(path, 2)
        self.assertEqual(first[0]["X-MLflow-Delivery-Id"], second[0]["X-MLflow-Delivery-Id"])
        self.assertEqual(first[1], second[1])
