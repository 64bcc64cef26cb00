"""Search as the client asks for it: the whole filter grammar, order, pages and refusals."""

from registry_case import RegistryTest


class Search(RegistryTest):
    def test_models(self):
        self.model(tags={"city": "Oslo", "pack age": "x"})
        for text in (
            f"name = '{self.name}'",
            f"name LIKE '{self.name[:-2]}%'",
            f"name ILIKE '{self.name.upper()}'",
            f"tags.city = 'Oslo' AND name = '{self.name}'",
            f"tag.`pack age` != 'y' AND name = '{self.name}'",
        ):
            self.assertEqual([m.name for m in self.client.search_registered_models(text)], [self.name], text)
        self.assertEqual(len(self.client.search_registered_models(f"tags.city = 'Rome' AND name = '{self.name}'")), 0)

    def test_pages_and_order(self):
        prefix = self.name
        for n in range(5):
            self.client.create_registered_model(f"{prefix} {n}")
        found, token = [], None
        while True:
            page = self.client.search_registered_models(
                f"name LIKE '{prefix}%'", max_results=2, order_by=["name DESC"], page_token=token
            )
            found += [m.name for m in page]
            token = page.token
            if not token:
                break
        self.assertEqual(found, [f"{prefix} {n}" for n in (4, 3, 2, 1, 0)])

    def test_versions_with_their_aliases(self):
        self.model(versions=3)
        self.client.set_registered_model_alias(self.name, "best", "2")
        found = self.client.search_model_versions(f"name='{self.name}'", order_by=["version_number ASC"])
        self.assertEqual([(v.version, v.aliases) for v in found], [("1", []), ("2", ["best"]), ("3", [])])
        page = self.client.search_model_versions(f"name='{self.name}'", max_results=2)
        rest = self.client.search_model_versions(f"name='{self.name}'", max_results=2, page_token=page.token)
        self.assertEqual([v.version for v in page] + [v.version for v in rest], ["3", "2", "1"])

    def test_mistakes_are_answered_at_once(self):
        search = self.client.search_registered_models
        for text in ("name = 'a' OR name = 'b'", "stage = 'x'", "name > 'a'", "name = a", "name = 'a'; x"):
            self.refused("INVALID_PARAMETER_VALUE", search, text)
        self.refused("INVALID_PARAMETER_VALUE", search, order_by=["name", "name DESC"])
        self.refused("INVALID_PARAMETER_VALUE", search, max_results=1001)
        self.refused("INVALID_PARAMETER_VALUE", search, max_results=0)
        self.refused("INVALID_PARAMETER_VALUE", search, page_token="nonsense")


    def found(self, text):
        return sorted(m.name for m in self.client.search_registered_models(f"name LIKE '{self.name}%' AND {text}"))

    def test_the_grammar_of_models(self):
        a, b, c = (f"{self.name} {letter}" for letter in "abc")
        self.client.create_registered_model(a, tags={"city": "Oslo", "with space": "1", "a.b": "dot"})
        self.client.create_registered_model(b, tags={"city": "oslo", "with space": "2"})
        self.client.create_registered_model(c, tags={"note": "50% 'off'_"})
        for text, names in {
            f"name = '{a}'": [a],
            f'name = "{a}"': [a],
            f"name != '{a}'": [b, c],
            f"attribute.name = '{b}'": [b],
            "name LIKE '% b'": [b],
            "name ILIKE '% B'": [b],
            "name LIKE '% B'": [],
            "tags.city = 'Oslo'": [a],
            "tag.city = 'Oslo'": [a],
            "tags.city ILIKE 'OSLO'": [a, b],
            "tags.city LIKE 'O%'": [a],
            "tags.city != 'Oslo'": [b],
            "tags.`with space` = '2'": [b],
            'tags."with space" = "2"': [b],
            "tags.`a.b` = 'dot'": [a],
            "tags.a.b = 'dot'": [a],
            "tags.city = 'Oslo' and tags.`with space` LIKE '%'": [a],
            "tags.city LIKE 'o%' AND tags.city LIKE '%o'": [b],
            "tags.absent != 'x'": [],
            '''tags.note = "50% 'off'_"''': [c],
            "tags.note LIKE '50% ''%'": [],
            "tags.note LIKE '50\\% %'": [],
            "   tags.city   =   'Oslo'   ": [a],
        }.items():
            self.assertEqual(self.found(text), names, text)

    def test_the_grammar_of_versions(self):
        self.model()
        runs = [f"{n:032x}" for n in (10, 11, 12)]
        for n, run_id in enumerate(runs):
            self.client.create_model_version(self.name, f"s3://b/{n}", run_id=run_id, tags={"n": str(n)})

        def found(text):
            return [int(v.version) for v in self.client.search_model_versions(f"name = '{self.name}' AND {text}")][::-1]

        for text, numbers in {
            f"run_id = '{runs[0]}'": [1],
            f"run_id != '{runs[0]}'": [2, 3],
            f"run_id IN ('{runs[0]}', '{runs[2]}')": [1, 3],
            f"run_id IN ('{runs[1]}')": [2],
            "source_path = 's3://b/1'": [2],
            "source_path LIKE 's3://b/%'": [1, 2, 3],
            "source_path ILIKE 'S3://B/2'": [3],
            "version_number = 2": [2],
            "version_number = '2'": [2],
            "version_number != 2": [1, 3],
            "version_number > 1 AND version_number < 3": [2],
            "version_number >= 2": [2, 3],
            "version_number <= 1": [1],
            "tags.n = '1'": [2],
            "tags.n != '1' AND version_number > 1": [3],
        }.items():
            self.assertEqual(found(text), numbers, text)

    def test_order_is_total_and_every_key_counts(self):
        self.model(versions=3)
        by = lambda *order: [int(v.version) for v in self.client.search_model_versions(f"name='{self.name}'", order_by=list(order))]
        self.assertEqual(by("version_number ASC"), [1, 2, 3])
        self.assertEqual(by("name ASC", "version_number DESC"), [3, 2, 1])
        self.assertEqual(by("creation_timestamp ASC"), [1, 2, 3])
        self.assertEqual(by("last_updated_timestamp DESC"), [3, 2, 1])

    def test_pages_hold_every_model_once(self):
        names = sorted(f"{self.name} {n:02d}" for n in range(23))
        for name in names:
            self.client.create_registered_model(name)
        for size in (1, 7, 22, 23, 24):
            found, token = [], None
            while True:
                page = self.client.search_registered_models(f"name LIKE '{self.name}%'", max_results=size, page_token=token)
                self.assertLessEqual(len(page), size)
                found += [m.name for m in page]
                token = page.token
                if not token:
                    break
            self.assertEqual(found, names, size)

    def test_a_long_filter_is_answered(self):
        self.model(tags={"k": "v"})
        long = " AND ".join(["tags.k = 'v'"] * 1000)
        self.assertEqual([m.name for m in self.client.search_registered_models(f"name = '{self.name}' AND {long}")], [self.name])
        self.assertEqual(len(self.client.search_registered_models("name = '" + "x" * 100_000 + "'")), 0)

    def test_more_mistakes(self):
        models, versions = self.client.search_registered_models, self.client.search_model_versions
        for text in ("name LIKE", "name = 'a' AND", "(name = 'a')", "NOT name = 'a'", "name IS NULL", "alias = 'x'",
                     "tags.x > '1'", "tags.x", "creation_timestamp > 1", "= 'a'", "name = 'a' name = 'b'", "name == 'a'"):
            self.refused("INVALID_PARAMETER_VALUE", models, text)
        for text in ("version_number LIKE '1'", "version_number = 'x'", "stage = 'None'", "status = 'READY'",
                     "run_id IN ()", "run_id IN 'a'", "source_path > 'a'", "user_id = 'x'"):
            self.refused("INVALID_PARAMETER_VALUE", versions, text)
        self.refused("INVALID_PARAMETER_VALUE", versions, order_by=["stage ASC"])
        self.refused("INVALID_PARAMETER_VALUE", versions, page_token="e30=")
