#!/usr/bin/env python3
"""Proves that check_layers.py finds what it is there to find, and passes what is allowed."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import check_layers  # noqa: E402


class CheckLayers(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name).resolve()
        for header in ("base/uin.hpp", "text/charset.hpp", "crypto/password.hpp", "crypto/tea.hpp", "wire/reader.hpp",
                       "model/event.hpp", "dialect/dialect.hpp", "dialect/icq/login.hpp", "dialect/qq/frame.hpp",
                       "session/table.hpp", "storage/store.hpp", "storage/memory/memory_store.hpp",
                       "storage/store_contract.hpp", "bus/bus.hpp", "service/messaging.hpp", "net/udp_port.hpp",
                       "node/node.hpp", "config/toml.hpp"):
            self.write("src/" + header, "#pragma once\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def violations(self, path, include):
        self.write(path, f"// a file\n#include {include}\n")
        found = check_layers.check_tree(self.root)[0]
        (self.root / path).unlink()
        return found

    def assert_refused(self, path, include):
        found = self.violations(path, include)
        self.assertEqual(len(found), 1, f"{path} including {include} should be one violation: {found}")
        self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])

    def assert_allowed(self, path, include):
        self.assertEqual(self.violations(path, include), [], f"{path} including {include} should pass")

    def test_a_module_includes_only_what_lies_below_it(self):
        self.assert_refused("src/base/a.cpp", '"model/event.hpp"')
        self.assert_allowed("src/model/a.cpp", '"base/uin.hpp"')
        self.assert_allowed("src/model/b.cpp", '"event.hpp"')

    def test_net_knows_only_base(self):
        self.assert_refused("src/net/a.cpp", '"model/event.hpp"')

    def test_net_has_no_boost_maps(self):
        self.assert_refused("src/net/a.cpp", "<boost/unordered/unordered_flat_map.hpp>")

    def test_config_knows_base_and_toml(self):
        self.assert_allowed("src/config/a.cpp", "<toml++/toml.h>")
        self.assert_allowed("src/config/b.cpp", '"base/uin.hpp"')
        self.assert_refused("src/config/c.cpp", '"text/charset.hpp"')

    def test_a_dialect_never_includes_another(self):
        self.assert_refused("src/dialect/icq/a.cpp", '"dialect/qq/frame.hpp"')

    def test_a_dialect_never_includes_session_service_storage_or_net(self):
        for header in ("session/table.hpp", "service/messaging.hpp", "storage/store.hpp", "net/udp_port.hpp"):
            with self.subTest(header):
                self.assert_refused("src/dialect/icq/a.cpp", f'"{header}"')

    def test_a_relative_path_does_not_escape_the_check(self):
        self.assert_refused("src/dialect/icq/a.cpp", '"../qq/frame.hpp"')

    def test_angle_brackets_do_not_escape_the_check(self):
        self.assert_refused("src/dialect/icq/a.cpp", "<dialect/qq/frame.hpp>")

    def test_a_dialect_includes_its_port_and_what_lies_below(self):
        for header in ("dialect/dialect.hpp", "wire/reader.hpp", "crypto/tea.hpp", "dialect/icq/login.hpp"):
            with self.subTest(header):
                self.assert_allowed("src/dialect/icq/a.cpp", f'"{header}"')

    def test_session_knows_the_port_but_no_dialect(self):
        self.assert_allowed("src/session/a.cpp", '"dialect/dialect.hpp"')
        self.assert_refused("src/session/b.cpp", '"dialect/icq/login.hpp"')

    def test_service_knows_ports_and_of_crypto_only_passwords(self):
        self.assert_allowed("src/service/a.cpp", '"storage/store.hpp"')
        self.assert_allowed("src/service/b.cpp", '"crypto/password.hpp"')
        self.assert_refused("src/service/c.cpp", '"crypto/tea.hpp"')

    def test_service_knows_neither_wire_nor_a_back_end(self):
        for header in ("wire/reader.hpp", "dialect/dialect.hpp", "storage/memory/memory_store.hpp"):
            with self.subTest(header):
                self.assert_refused("src/service/a.cpp", f'"{header}"')

    def test_third_party_headers_stay_where_they_belong(self):
        self.assert_allowed("src/crypto/a.cpp", "<sodium.h>")
        self.assert_allowed("src/storage/sqlite/a.cpp", "<sqlite3.h>")
        self.assert_allowed("src/session/a.cpp", "<boost/unordered/unordered_flat_map.hpp>")
        self.assert_allowed("apps/uhohctl/a.cpp", "<CLI/CLI.hpp>")

    def test_third_party_headers_elsewhere_are_refused(self):
        for path, header in (("src/service/a.cpp", "<sodium.h>"), ("src/node/a.cpp", "<openssl/evp.h>"),
                             ("src/storage/memory/a.cpp", "<sqlite3.h>"), ("src/session/a.cpp", "<boost/asio.hpp>"),
                             ("src/base/a.cpp", "<spdlog/spdlog.h>"), ("src/service/a.cpp", '"sqlite3.h"')):
            with self.subTest(path=path, header=header):
                self.assert_refused(path, header)

    def test_tests_use_their_frameworks_and_the_back_ends_in_memory(self):
        self.assert_allowed("src/service/messaging_test.cpp", "<gtest/gtest.h>")
        self.assert_allowed("src/base/seq_test.cpp", "<rapidcheck.h>")
        self.assert_allowed("src/service/offline_test.cpp", '"storage/memory/memory_store.hpp"')
        self.assert_allowed("src/storage/memory/memory_store_test.cpp", '"storage/store_contract.hpp"')

    def test_a_test_of_a_dialect_keeps_to_the_layers(self):
        self.assert_refused("src/dialect/icq/login_test.cpp", '"session/table.hpp"')

    def test_shipped_code_uses_no_test_framework_or_support(self):
        self.assert_refused("src/base/a.cpp", "<gtest/gtest.h>")
        self.assert_refused("src/storage/a.cpp", '"storage/store_contract.hpp"')

    def test_node_and_apps_may_include_every_module(self):
        self.assert_allowed("src/node/a.cpp", '"dialect/icq/login.hpp"')
        self.assert_allowed("apps/uhohd/main.cpp", '"node/node.hpp"')

    def test_an_unnamed_module_is_reported(self):
        self.write("src/misc/a.cpp", "\n")
        self.assertIn("not in LAYERS", check_layers.check_tree(self.root)[0][0])

    def test_main_returns_an_exit_code(self):
        self.write("src/base/a.cpp", '#include "model/event.hpp"\n')
        self.assertEqual(check_layers.main(["check_layers.py", str(self.root)]), 1)


if __name__ == "__main__":
    unittest.main()
