"""Writes as items of a DynamoDB transaction."""

from typing import Any

from thestack.adapters.aws.items import EXPIRES, GONE, VERSION, Item, item_of, key_of, stored_name
from thestack.ports.store import Add, Delete, Put, Write


def item_of_transaction(write: Write, table: str) -> Item:
    """One write, which answers the row in its way where its condition fails."""
    if isinstance(write, Add):
        return {"Update": _addition(write, table)}
    request: Item = {"TableName": table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    request |= {"Item": item_of(write.row)} if isinstance(write, Put) else {"Key": key_of(write.key)}
    if write.expect is None:
        request["ConditionExpression"] = "attribute_not_exists(pk)"
    else:
        request["ConditionExpression"] = "#v = :expect"
        request["ExpressionAttributeNames"] = {"#v": VERSION}
        request["ExpressionAttributeValues"] = {":expect": {"N": str(write.expect)}}
    return {"Delete" if isinstance(write, Delete) else "Put": request}


def _addition(write: Add, table: str) -> Item:
    """An update that fills in what the stored row lacks, and adds to its version and its counters."""
    given = {name: value for name, value in item_of(write.row).items() if name not in ("pk", "sk")}
    deltas = {VERSION: 1, **{stored_name(name): delta for name, delta in write.deltas.items()}}
    given |= {
        name: {"N": str(given[name]["N"]) if name in given and name != VERSION else "0"} for name in deltas
    }
    anew = {stored_name(name) for name in write.anew}
    names, values, changes = {"#gone": GONE}, dict[str, Any](), list[str]()
    for number, (name, value) in enumerate(given.items()):
        names[f"#n{number}"], values[f":v{number}"] = name, value
        change = f"#n{number} = if_not_exists(#n{number}, :v{number})"
        if name in deltas:
            values[f":d{number}"] = {"N": str(deltas[name])}
            change += f" + :d{number}"
        elif name in anew:
            change = f"#n{number} = :v{number}"
        changes.append(change)
    update: Item = {
        "TableName": table,
        "Key": key_of(write.key),
        "UpdateExpression": f"SET {', '.join(changes)} REMOVE #gone",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    if write.now is not None:
        names["#expires"], values[":now"] = EXPIRES, {"N": str(write.now)}
        update["ConditionExpression"] = "attribute_not_exists(#expires) OR #expires > :now"
        update["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return update
