namespace Zilla.Edge.Cache;

/// <summary>A topic of a cluster that the cache knows by its cache_server binding's name.</summary>
public readonly record struct TopicName(string Cluster, string Topic)
{
    public override string ToString() => $"{Cluster}/{Topic}";
}
