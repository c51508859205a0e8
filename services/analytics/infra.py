"""What analytics adds to its stack by hand: a table of Athena's over the archive. It costs nothing while
nobody asks it.

No crawler looks for partitions: where they lie follows from the date, the type and the tenant, which a query
names. Events may be there twice, so that a query counts their ids.
"""

from aws_cdk import Aws
from aws_cdk import aws_glue as glue

from services.analytics.domain.archive import AREA
from thestack.infra.extension import Service, ServiceStack

COLUMNS = ("id", "name", "source", "subject", "time", "data")
JSON_LINES = "org.openx.data.jsonserde.JsonSerDe"


def extend(stack: ServiceStack, service: Service) -> None:
    """Add a database with the table `events`."""
    archive = f"s3://{service.buckets['archive'].bucket.bucket_name}/{AREA}/"
    database = glue.CfnDatabase(
        stack,
        "ArchiveDatabase",
        catalog_id=Aws.ACCOUNT_ID,
        database_input=glue.CfnDatabase.DatabaseInputProperty(
            name=f"{service.environment.name.replace('-', '_')}_{service.model.name}"
        ),
    )
    table = glue.CfnTable(
        stack,
        "ArchiveTable",
        catalog_id=Aws.ACCOUNT_ID,
        database_name=database.ref,
        table_input=glue.CfnTable.TableInputProperty(
            name="events",
            table_type="EXTERNAL_TABLE",
            partition_keys=[_column(name) for name in ("tenant", "date", "type")],
            parameters={
                "projection.enabled": "true",
                "projection.tenant.type": "injected",
                "projection.date.type": "date",
                "projection.date.format": "yyyy-MM-dd",
                "projection.date.range": "2026-01-01,NOW+1DAYS",
                "projection.type.type": "injected",
                "storage.location.template": f"{archive}${{tenant}}/date=${{date}}/type=${{type}}/",
            },
            storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                columns=[*map(_column, COLUMNS), _column("version", "int")],
                location=archive,
                input_format="org.apache.hadoop.mapred.TextInputFormat",
                output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=JSON_LINES),
            ),
        ),
    )
    table.add_dependency(database)


def _column(name: str, kind: str = "string") -> glue.CfnTable.ColumnProperty:
    return glue.CfnTable.ColumnProperty(name=name, type=kind)
