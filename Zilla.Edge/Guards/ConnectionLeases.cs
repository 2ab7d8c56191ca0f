namespace Zilla.Edge.Guards;

/// <summary>The streams of one connection that live on credentials.</summary>
public sealed class ConnectionLeases(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<GuardLease> _leases = [];

    public GuardLease Open(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var lease = new GuardLease(this, grant, time);
        lock (_gate)
        {
            _leases.Add(lease);
        }

        return lease;
    }

    /// <summary>Credentials have been shown: what the same client opened with earlier ones goes on with these.</summary>
    public void Renew(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        GuardLease[] leases;
        lock (_gate)
        {
            leases = [.. _leases];
        }

        foreach (var lease in leases)
        {
            lease.Renew(grant);
        }
    }

    internal void Remove(GuardLease lease)
    {
        lock (_gate)
        {
            _leases.Remove(lease);
        }
    }
}
