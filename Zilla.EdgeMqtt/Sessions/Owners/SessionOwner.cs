namespace Zilla.EdgeMqtt.Sessions.Owners;

/// <summary>Which replica owns the sessions of a partition.</summary>
/// <param name="Partition">Of the sessions topic.</param>
/// <param name="Instance">The replica's process, see <see cref="Zilla.Edge.Cache.CacheClient.OpenAt"/>.</param>
/// <param name="Epoch">Grows with every owner of the partition; goes into BEGIN.</param>
internal sealed record SessionOwner(int Partition, string Instance, long Epoch);
