using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Limits;

/// <summary>
/// The connections of a tcp server binding, over all its ports, and what limits them. Connections count whether there are limits or not, so that limits
/// that come later know of them.
/// </summary>
internal sealed class ConnectionLimiter(string binding, LimitOptions options, TimeProvider time, ILogger logger)
{
    private readonly Places _connections = new();
    private readonly Lock _gate = new();

    /// <summary>As many as there are connections, at most.</summary>
    private readonly Dictionary<UInt128, int> _addresses = [];
    private readonly RefusalReport _refusedByProcess = new(binding, "MaxConnections", options.LogInterval, time, logger);
    private readonly RefusalReport _refused = new(binding, "connections", options.LogInterval, time, logger);
    private readonly RefusalReport _refusedFromAddress = new(binding, "connections-per-address", options.LogInterval, time, logger);
    private ConnectionLimits _limits = new();

    /// <summary>Those in force; what is beyond new ones stays.</summary>
    public ConnectionLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set => Volatile.Write(ref _limits, value);
    }

    /// <summary>Counts a connection until <see cref="Leave"/>. False: it is one too many.</summary>
    public bool TryEnter() => _connections.TryTake(Limits.Connections) || Refused(_refused);

    public void Leave() => _connections.Give();

    /// <summary>Counts a connection as one of its client's address, until <see cref="LeaveFrom"/>. False: it is one too many.</summary>
    public bool TryEnterFrom(EndPoint? client)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_addresses, Key(client), out _);
            if (count < (Limits.ConnectionsPerAddress ?? int.MaxValue))
            {
                count++;
                return true;
            }
        }

        return Refused(_refusedFromAddress);
    }

    public void LeaveFrom(EndPoint? client)
    {
        lock (_gate)
        {
            var key = Key(client);
            if (--CollectionsMarshal.GetValueRefOrNullRef(_addresses, key) == 0)
            {
                _addresses.Remove(key);
            }
        }
    }

    /// <summary>The process has no room for a connection of the binding.</summary>
    public void RefusedByProcess() => Refused(_refusedByProcess);

    private static UInt128 Key(EndPoint? client) => ClientKey.Of((client as IPEndPoint)?.Address);

    private static bool Refused(RefusalReport report)
    {
        EdgeTelemetry.ConnectionsRefused.Add(1);
        report.Add();
        return false;
    }
}
