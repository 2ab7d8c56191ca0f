using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Apis;

/// <summary>Every request kind this broker answers (ApiVersions adds itself).</summary>
internal static class ApiCatalog
{
    public static ApiTable Create(TopicStore topics, GroupCoordinator groups, TransactionCoordinator transactions, BrokerIdentity identity, BrokerOptions options) => new(
    [
        new MetadataApi(topics, identity, options),
        new ProduceApi(topics, transactions),
        new FetchApi(topics, options),
        new ListOffsetsApi(topics),
        new InitProducerIdApi(transactions),

        new AddPartitionsToTxnApi(transactions, topics),
        new AddOffsetsToTxnApi(transactions),
        new TxnOffsetCommitApi(transactions, groups, topics, options),
        new EndTxnApi(transactions),
        new DescribeTransactionsApi(transactions),
        new ListTransactionsApi(transactions),

        new CreateTopicsApi(topics, options),
        new DeleteTopicsApi(topics, groups),
        new CreatePartitionsApi(topics),
        new DeleteRecordsApi(topics),
        new DescribeConfigsApi(topics, options),
        new AlterConfigsApi(topics),
        new IncrementalAlterConfigsApi(topics),

        new FindCoordinatorApi(identity),
        new JoinGroupApi(groups),
        new SyncGroupApi(groups),
        new HeartbeatApi(groups),
        new LeaveGroupApi(groups),
        new OffsetCommitApi(groups, topics, options),
        new OffsetFetchApi(groups),
        new OffsetDeleteApi(groups),
        new DescribeGroupsApi(groups),
        new ListGroupsApi(groups),
        new DeleteGroupsApi(groups),
    ]);
}
