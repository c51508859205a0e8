"""Which of CloudFormation's resource types hold what no deployment can make again, and what of them can't be
changed, as CloudFormation's registry and its documentation have it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatefulType:
    """A type of resource that holds data.

    `word` is what people call it. A change of one of the properties `replacing` makes a new, empty one; AWS
    refuses an update that changes one of `refusing`. A property within another is "Outer/Inner".
    """

    word: str
    replacing: tuple[str, ...] = ()
    refusing: tuple[str, ...] = ()


_USER_POOL = ("AliasAttributes", "Schema", "UsernameAttributes", "UsernameConfiguration")

STATEFUL: Mapping[str, StatefulType] = {
    "AWS::AmazonMQ::Broker": StatefulType(
        "message broker",
        (
            "AuthenticationStrategy",
            "BrokerName",
            "DeploymentMode",
            "EncryptionOptions",
            "EngineType",
            "PubliclyAccessible",
            "StorageType",
            "SubnetIds",
        ),
    ),
    "AWS::Backup::BackupVault": StatefulType("backup vault", ("BackupVaultName", "EncryptionKeyArn")),
    "AWS::Cassandra::Keyspace": StatefulType("keyspace", ("KeyspaceName",)),
    "AWS::Cassandra::Table": StatefulType(
        "table",
        (
            "ClientSideTimestampsEnabled",
            "ClusteringKeyColumns",
            "KeyspaceName",
            "PartitionKeyColumns",
            "TableName",
        ),
    ),
    "AWS::Cognito::IdentityPool": StatefulType("identity pool"),
    "AWS::Cognito::UserPool": StatefulType("user pool", refusing=_USER_POOL),
    "AWS::Cognito::UserPoolClient": StatefulType("user pool client", ("GenerateSecret", "UserPoolId")),
    "AWS::Cognito::UserPoolDomain": StatefulType("user pool domain", ("Domain", "UserPoolId")),
    "AWS::Cognito::UserPoolGroup": StatefulType("user pool group", ("GroupName", "UserPoolId")),
    "AWS::DSQL::Cluster": StatefulType("database cluster"),
    "AWS::DocDB::DBCluster": StatefulType(
        "database cluster",
        (
            "AvailabilityZones",
            "DBClusterIdentifier",
            "DBSubnetGroupName",
            "KmsKeyId",
            "MasterUsername",
            "SnapshotIdentifier",
            "SourceDBClusterIdentifier",
            "StorageEncrypted",
        ),
    ),
    "AWS::DynamoDB::GlobalTable": StatefulType(
        "table", ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "TableName")
    ),
    "AWS::DynamoDB::Table": StatefulType(
        "table",
        (
            "AttributeDefinitions",
            "ImportSourceSpecification",
            "KeySchema",
            "LocalSecondaryIndexes",
            "TableName",
        ),
    ),
    "AWS::EC2::Volume": StatefulType("volume"),
    "AWS::ECR::Repository": StatefulType("image repository", ("EncryptionConfiguration", "RepositoryName")),
    "AWS::EFS::FileSystem": StatefulType(
        "file system", ("AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode")
    ),
    "AWS::ElastiCache::CacheCluster": StatefulType(
        "cache",
        (
            "CacheSubnetGroupName",
            "ClusterName",
            "Engine",
            "NetworkType",
            "Port",
            "SnapshotArns",
            "SnapshotName",
        ),
    ),
    "AWS::ElastiCache::ReplicationGroup": StatefulType(
        "cache",
        (
            "AtRestEncryptionEnabled",
            "CacheSubnetGroupName",
            "DataTieringEnabled",
            "GlobalReplicationGroupId",
            "KmsKeyId",
            "NetworkType",
            "Port",
            "PreferredCacheClusterAZs",
            "ReplicationGroupId",
            "SnapshotArns",
            "SnapshotName",
        ),
    ),
    "AWS::ElastiCache::ServerlessCache": StatefulType(
        "cache",
        (
            "ConnectionType",
            "KmsKeyId",
            "NetworkType",
            "ServerlessCacheName",
            "SnapshotArnsToRestore",
            "SubnetIds",
        ),
    ),
    "AWS::Elasticsearch::Domain": StatefulType("search domain", ("DomainName",)),
    "AWS::Events::Archive": StatefulType("event archive", ("ArchiveName", "SourceArn")),
    "AWS::Events::EventBus": StatefulType("event bus", ("Name",)),
    "AWS::FSx::FileSystem": StatefulType(
        "file system", ("BackupId", "FileSystemType", "KmsKeyId", "SecurityGroupIds", "SubnetIds")
    ),
    "AWS::KMS::Key": StatefulType("key"),
    "AWS::Kinesis::Stream": StatefulType("stream", ("Name",)),
    "AWS::MSK::Cluster": StatefulType(
        "message broker",
        (
            "BrokerNodeGroupInfo/BrokerAZDistribution",
            "BrokerNodeGroupInfo/ClientSubnets",
            "BrokerNodeGroupInfo/SecurityGroups",
            "ClusterName",
            "EncryptionInfo/EncryptionAtRest",
            "EncryptionInfo/EncryptionInTransit/InCluster",
        ),
    ),
    "AWS::MemoryDB::Cluster": StatefulType(
        "database cluster",
        (
            "ClusterName",
            "DataTiering",
            "KmsKeyId",
            "MultiRegionClusterName",
            "NetworkType",
            "Port",
            "SnapshotArns",
            "SnapshotName",
            "SubnetGroupName",
            "TLSEnabled",
        ),
    ),
    "AWS::Neptune::DBCluster": StatefulType(
        "database cluster",
        (
            "AvailabilityZones",
            "DBClusterIdentifier",
            "DBSubnetGroupName",
            "GlobalClusterIdentifier",
            "KmsKeyId",
            "RestoreToTime",
            "RestoreType",
            "SnapshotIdentifier",
            "SourceDBClusterIdentifier",
            "StorageEncrypted",
            "UseLatestRestorableTime",
        ),
    ),
    "AWS::NeptuneGraph::Graph": StatefulType(
        "graph", ("GraphName", "ImportTask", "KmsKeyIdentifier", "ReplicaCount", "VectorSearchConfiguration")
    ),
    "AWS::OpenSearchServerless::Collection": StatefulType(
        "search collection",
        ("CollectionGroupName", "EncryptionConfig", "Name", "StandbyReplicas", "Tags", "Type"),
    ),
    "AWS::OpenSearchService::Domain": StatefulType("search domain", ("DomainName", "EngineMode")),
    "AWS::QLDB::Ledger": StatefulType("ledger", ("Name",)),
    "AWS::RDS::DBCluster": StatefulType(
        "database cluster",
        (
            "ClusterScalabilityType",
            "DBClusterIdentifier",
            "DBSubnetGroupName",
            "DBSystemId",
            "DatabaseName",
            "Engine",
            "EngineMode",
            "KmsKeyId",
            "MasterUsername",
            "PubliclyAccessible",
            "RestoreToTime",
            "RestoreType",
            "SnapshotIdentifier",
            "SourceDBClusterIdentifier",
            "SourceDbClusterResourceId",
            "SourceRegion",
            "StorageEncrypted",
            "UseLatestRestorableTime",
        ),
    ),
    "AWS::RDS::DBInstance": StatefulType(
        "database",
        (
            "AvailabilityZone",
            "BackupTarget",
            "CharacterSetName",
            "CustomIAMInstanceProfile",
            "DBClusterIdentifier",
            "DBInstanceIdentifier",
            "DBName",
            "DBSnapshotIdentifier",
            "DBSubnetGroupName",
            "DBSystemId",
            "Engine",
            "KmsKeyId",
            "MasterUsername",
            "NcharCharacterSetName",
            "SourceRegion",
            "StorageEncrypted",
            "Timezone",
        ),
    ),
    "AWS::RDS::GlobalCluster": StatefulType(
        "database cluster",
        ("Engine", "GlobalClusterIdentifier", "SourceDBClusterIdentifier", "StorageEncrypted"),
    ),
    "AWS::Redshift::Cluster": StatefulType(
        "data warehouse",
        (
            "ClusterIdentifier",
            "ClusterSubnetGroupName",
            "DBName",
            "MasterUsername",
            "OwnerAccount",
            "SnapshotClusterIdentifier",
            "SnapshotIdentifier",
        ),
    ),
    "AWS::RedshiftServerless::Namespace": StatefulType("data warehouse", ("NamespaceName",)),
    "AWS::Route53::HostedZone": StatefulType("DNS zone", ("DelegationSetId", "Name")),
    "AWS::S3::Bucket": StatefulType("bucket", ("BucketName", "BucketNamePrefix", "BucketNamespace")),
    "AWS::S3Express::DirectoryBucket": StatefulType(
        "bucket", ("BucketName", "DataRedundancy", "LocationName")
    ),
    "AWS::S3Tables::TableBucket": StatefulType("table bucket", ("TableBucketName",)),
    "AWS::S3Vectors::VectorBucket": StatefulType(
        "vector bucket", ("EncryptionConfiguration", "VectorBucketName")
    ),
    "AWS::SNS::Topic": StatefulType("topic", ("FifoTopic", "TopicName")),
    "AWS::SQS::Queue": StatefulType("queue", ("FifoQueue", "QueueName")),
    "AWS::Scheduler::ScheduleGroup": StatefulType("schedule group", ("Name",)),
    "AWS::SecretsManager::Secret": StatefulType("secret", ("Name",)),
    "AWS::Timestream::Database": StatefulType("database", ("DatabaseName",)),
    "AWS::Timestream::Table": StatefulType("table", ("DatabaseName", "TableName")),
}
"""By type. Log groups are none: what they hold is kept for a while only, and nobody relies on it."""
