using Confluent.Kafka;
using Zilla.Config.Plans;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Hands the plan's token to a client whenever it asks; what the token says, its end included, is between it and the broker.</summary>
internal static class BearerToken
{
    // The client asks again at four fifths of it.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Null if the cluster is not spoken to with a token.</summary>
    public static Action<IClient, string>? For(ClusterPlan plan, TimeProvider time) => plan.Sasl?.Token is not { } token ? null : (client, _) =>
    {
        try
        {
            client.OAuthBearerSetToken(token, time.GetUtcNow().Add(Lifetime).ToUnixTimeMilliseconds(), plan.Name);
        }
        catch (KafkaException)
        {
            // Its message may quote the token.
            client.OAuthBearerSetTokenFailure("the token is not one that can be sent");
        }
    };
}
