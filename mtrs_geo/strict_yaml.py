"""YAML of users: a key that is given twice is an error, where PyYAML would keep the last one."""

from __future__ import annotations

from typing import Any

__all__ = ["load_yaml"]


def load_yaml(text: str) -> Any:  # noqa: ANN401 - any YAML
    """Return the values of a YAML text.

    Raises:
        yaml.YAMLError: if the text is no YAML, gives a key twice, has a date that does not exist,
            or is nested too deeply.
    """
    import yaml

    class UniqueKeyLoader(yaml.SafeLoader):  # type: ignore[misc]
        """Refuses a key that is given twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401
            keys: list[Any] = []
            for key_node, _ in node.value:
                if key_node.tag == "tag:yaml.org,2002:merge":  # "<<", which may be repeated
                    continue
                key = self.construct_object(key_node, deep=True)
                if key in keys:
                    msg = f"the key {key!r} is given twice"
                    raise yaml.constructor.ConstructorError(None, None, msg, key_node.start_mark)
                keys.append(key)
            found: dict[Any, Any] = super().construct_mapping(node, deep)
            return found

    try:
        return yaml.load(text, UniqueKeyLoader)
    except (ValueError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from error
