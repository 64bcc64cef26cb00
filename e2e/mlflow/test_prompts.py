"""Prompts: models and versions under another name."""

import uuid

import mlflow
from registry_case import RegistryTest, since


@since(3, 3)
class Prompts(RegistryTest):
    def test_register_load_search_alias(self):
        name = "prompt-" + uuid.uuid4().hex[:8]
        mlflow.genai.register_prompt(name=name, template="Say {{word}}", commit_message="first")
        mlflow.genai.register_prompt(name=name, template="Tell {{word}}")
        mlflow.genai.set_prompt_alias(name, alias="live", version=1)
        self.assertEqual(mlflow.genai.load_prompt(f"prompts:/{name}@live").template, "Say {{word}}")
        self.assertEqual(mlflow.genai.load_prompt(f"prompts:/{name}/2").version, 2)
        self.assertIn(name, [p.name for p in mlflow.genai.search_prompts(f"name = '{name}'")])
        self.assertEqual(len(self.client.search_registered_models(f"name = '{name}'")), 0)


    def test_chat_tags_versions_delete(self):
        name = "prompt-" + uuid.uuid4().hex[:8]
        chat = [{"role": "user", "content": "Say {{word}}"}]
        mlflow.genai.register_prompt(name=name, template=chat, tags={"team": "risk"})
        self.assertEqual(mlflow.genai.load_prompt(f"prompts:/{name}/1").template, chat)
        self.client.set_prompt_tag(name, "owner", "ana")
        self.client.set_prompt_version_tag(name, "1", "ok", "yes")
        self.assertEqual(self.client.get_prompt(name).tags.get("owner"), "ana")
        self.assertEqual(self.client.get_prompt_version(name, "1").tags.get("ok"), "yes")
        self.client.delete_prompt_tag(name, "owner")
        self.client.delete_prompt_version_tag(name, "1", "ok")
        self.assertNotIn("owner", self.client.get_prompt(name).tags)
        self.client.delete_prompt_version(name, "1")
        self.client.delete_prompt(name)
        self.assertIsNone(self.client.get_prompt(name))

    def test_a_prompt_and_a_model_share_the_names(self):
        self.model()
        # The client rewrites "registered model" to "prompt" in what it shows of this one.
        self.refused("RESOURCE_ALREADY_EXISTS", self.client.create_prompt, self.name)
        self.client.create_prompt(self.name + " prompt")
        message = self.refused(
            "RESOURCE_ALREADY_EXISTS", self.client.create_registered_model, self.name + " prompt"
        )
        self.assertIn("already taken by a prompt", message)

    def test_a_long_template(self):
        name, template = "prompt-" + uuid.uuid4().hex[:8], "word " * 19_000
        mlflow.genai.register_prompt(name=name, template=template)
        self.assertEqual(mlflow.genai.load_prompt(f"prompts:/{name}/1").template, template)
