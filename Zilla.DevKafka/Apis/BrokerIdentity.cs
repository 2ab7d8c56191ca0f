namespace Zilla.DevKafka.Apis;

/// <summary>How this broker presents itself: the only node of its cluster. The port is known once the listener is bound.</summary>
internal sealed class BrokerIdentity(string host, string clusterId)
{
    public const int NodeId = 1;

    public string Host => host;
    public int Port { get; set; }
    public string ClusterId => clusterId;
}
