using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;

namespace Zilla.DevKafka.Apis;

/// <summary>Every request kind this broker answers (ApiVersions adds itself). Transactions will add theirs here: 24-26 and 28.</summary>
internal static class ApiCatalog
{
    public static ApiTable Create(TopicStore topics, GroupCoordinator groups, ProducerIds producerIds, BrokerIdentity identity, BrokerOptions options) => new(
    [
        new MetadataApi(topics, identity, options),
        new ProduceApi(topics),
        new FetchApi(topics, options),
        new ListOffsetsApi(topics),
        new InitProducerIdApi(producerIds),

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
