using Zilla.Config.Plans;
using Zilla.Streams.Mqtt;

namespace Zilla.KafkaCache.Clusters;

internal static class ClusterPlans
{
    /// <summary>Compares what the plans say; records compare their lists by identity.</summary>
    public static bool SayTheSame(ClusterPlan one, ClusterPlan other) =>
        one.Name == other.Name && one.Servers.SequenceEqual(other.Servers) && one.Sasl == other.Sasl && PlanJson.SayTheSame(one.Tls, other.Tls) && one.Bootstrap.SequenceEqual(other.Bootstrap) && one.Topics.SequenceEqual(other.Topics)
        && one.AllowedTopics.SequenceEqual(other.AllowedTopics) && one.Sessions.SequenceEqual(other.Sessions) && PlanJson.SayTheSame(one.Work, other.Work);

    /// <summary>Whether the configuration's routes let streams of this topic through; who owns sessions may be asked by any edge.</summary>
    public static bool Allows(this ClusterPlan plan, string topic) =>
        plan.AllowedTopics.Count == 0 || plan.Sessions.Any(sessions => OwnersTopic.Of(sessions.SessionsTopic) == topic) || plan.AllowedTopics.Any(pattern => TopicPattern.Matches(pattern, topic));
}
