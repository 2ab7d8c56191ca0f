using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Tls;

/// <summary>
/// Holds what is in force, and looks every so often whether a store has been written anew: new connections get its certificates then, open
/// ones are left alone. A store that has become unreadable changes nothing.
/// </summary>
public sealed class TlsState(IOptions<ListenerOptions> options, TimeProvider time, ILogger<TlsState> logger) : BackgroundService
{
    private InForce _current = new(TlsModel.Empty, null, "");

    public TlsModel Current => Volatile.Read(ref _current).Model;

    /// <summary>Reads the stores of a plan, without putting it in force.</summary>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry.</exception>
    internal static PreparedTls Prepare(ServicePlan plan)
    {
        // The stamp first: what is written while the stores are read is read again.
        var stamp = plan.Vaults.Stamp();
        return new PreparedTls(new InForce(TlsModel.Compile(plan), plan, stamp));
    }

    /// <summary>Gives what was in force.</summary>
    internal PreparedTls Swap(PreparedTls next) => new(Interlocked.Exchange(ref _current, next.State));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.VaultPollInterval, time);
        var refused = "";
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                refused = Look(refused);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <returns>The stamp that was found and cannot be used; it is complained about once.</returns>
    private string Look(string refused)
    {
        var seen = Volatile.Read(ref _current);
        if (seen.Plan is not { Vaults.Count: > 0 } plan || plan.Vaults.Stamp() is var stamp && (stamp == seen.Stamp || stamp == refused))
        {
            return refused;
        }

        try
        {
            // A plan that came meanwhile has read the stores itself.
            if (Interlocked.CompareExchange(ref _current, new InForce(TlsModel.Compile(plan), plan, stamp), seen) == seen)
            {
                TlsLog.Reloaded(logger);
            }

            return "";
        }
        catch (FormatException e)
        {
            TlsLog.NotReloaded(logger, e.Message);
            return stamp;
        }
    }

    internal sealed record InForce(TlsModel Model, ServicePlan? Plan, string Stamp);

    internal readonly record struct PreparedTls(InForce State);
}
