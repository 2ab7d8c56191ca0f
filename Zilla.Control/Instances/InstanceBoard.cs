using Zilla.Config.Plans.V1;

namespace Zilla.Control.Instances;

internal enum InstanceState
{
    /// <summary>Connected, and has not answered a plan yet.</summary>
    Waiting,
    Applied,
    Refused,
    Gone,
}

/// <summary>What is known of one instance of a service.</summary>
internal sealed record InstanceStatus(string Service, string Instance, string Address, InstanceState State)
{
    /// <summary>What it runs; null = nothing.</summary>
    public long? AppliedRevision { get; init; }

    /// <summary>What it refused last, while it does.</summary>
    public long? RefusedRevision { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset Since { get; init; }
}

/// <summary>One call of an instance; a later one under the same name takes its place.</summary>
internal sealed class InstanceConnection(string service, string instance)
{
    public (string Service, string Instance) Key => (service, instance);
}

/// <summary>Which instances are connected and how far each has come. Those that have gone stay listed, up to <see cref="MostInstances"/> in all.</summary>
internal sealed class InstanceBoard(TimeProvider time, ILogger<InstanceBoard> logger)
{
    public const int MostInstances = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, string Instance), (InstanceStatus Status, InstanceConnection Connection)> _instances = [];

    public IReadOnlyList<InstanceStatus> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _instances.Values.Select(entry => entry.Status)
                    .OrderBy(status => status.Service, StringComparer.Ordinal).ThenBy(status => status.Instance, StringComparer.Ordinal)];
            }
        }
    }

    public InstanceConnection Connect(Hello hello)
    {
        var connection = new InstanceConnection(hello.Service, hello.Instance);
        lock (_gate)
        {
            var status = new InstanceStatus(hello.Service, hello.Instance, hello.Address, InstanceState.Waiting)
            {
                AppliedRevision = hello.Applied?.Revision,
                Since = time.GetUtcNow(),
            };
            _instances[connection.Key] = (status, connection);
            Forget();
        }

        ControlLog.InstanceConnected(logger, hello.Service, hello.Instance);
        return connection;
    }

    public void Record(InstanceConnection connection, Outcome outcome)
    {
        var (service, instance) = connection.Key;
        if (outcome.Verdict == Verdict.Refused)
        {
            ControlLog.InstanceRefused(logger, service, instance, outcome.Plan.Revision, outcome.Reason);
        }

        Update(connection, status => outcome.Verdict switch
        {
            Verdict.Applied => status with { State = InstanceState.Applied, AppliedRevision = outcome.Plan.Revision, RefusedRevision = null, Reason = null },
            Verdict.Refused => status with { State = InstanceState.Refused, RefusedRevision = outcome.Plan.Revision, Reason = outcome.Reason },
            Verdict.Superseded => status with { State = InstanceState.Applied, Reason = outcome.Reason },
            _ => status,
        });
    }

    public void Disconnect(InstanceConnection connection)
    {
        if (Update(connection, status => status with { State = InstanceState.Gone }))
        {
            ControlLog.InstanceGone(logger, connection.Key.Service, connection.Key.Instance);
        }
    }

    /// <summary>False if another connection has taken the place of this one.</summary>
    private bool Update(InstanceConnection connection, Func<InstanceStatus, InstanceStatus> change)
    {
        lock (_gate)
        {
            if (!_instances.TryGetValue(connection.Key, out var entry) || entry.Connection != connection)
            {
                return false;
            }

            _instances[connection.Key] = (change(entry.Status) with { Since = time.GetUtcNow() }, connection);
            return true;
        }
    }

    private void Forget()
    {
        while (_instances.Count > MostInstances
            && _instances.Values.Where(entry => entry.Status.State == InstanceState.Gone).MinBy(entry => entry.Status.Since) is { Connection: { } oldest })
        {
            _instances.Remove(oldest.Key);
        }
    }
}
