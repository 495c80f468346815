"""A project of six items, and two auditors."""

from __future__ import annotations

import pytest
from audit_site import TOKENS, AuditSite, fill_project

from mtrs_geo.craft.audit.access import Access
from mtrs_geo.craft.audit.application import make_application
from mtrs_geo.craft.project import Project


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "project.db"
    items = fill_project(path, 6)
    application = make_application(path, Access("127.0.0.1", 8766, TOKENS))
    with Project(path) as project:
        yield AuditSite(path, items, project, application)


@pytest.fixture
def ana(site):
    return site.person("Ana")


@pytest.fixture
def ben(site):
    return site.person("Ben")
