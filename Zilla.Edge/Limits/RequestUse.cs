using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Limits;

/// <summary>What the clients of one binding have used up of its limits. Outlives the configurations that change the limits.</summary>
internal sealed class RequestUse
{
    private static readonly string[] Names = ["rate", "rate-per-address", "rate-per-identity", "concurrent-requests", "event-streams", "clients"];

    private readonly RefusalReport[] _reports;

    public RequestUse(string binding, LimitOptions options, TimeProvider time, ILogger logger)
    {
        (Addresses, Identities) = (new BucketTable(options.MaxClients), new BucketTable(options.MaxClients));
        _reports = [.. Names.Select(limit => new RefusalReport(binding, limit, options.LogInterval, time, logger))];
    }

    public Bucket All { get; } = new();
    public BucketTable Addresses { get; }
    public BucketTable Identities { get; }

    /// <summary>Requests under way.</summary>
    public Places Requests { get; } = new();

    /// <summary>Open event streams.</summary>
    public Places Streams { get; } = new();

    /// <summary>Connected clients of an mqtt server.</summary>
    public Places Clients { get; } = new();

    public void Refused(RequestLimit limit) => _reports[(int)limit].Add();
}
