using System.Net.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Config.Plans;
using Zilla.Config.Telemetry;
using Zilla.Config.Watching;

namespace Microsoft.Extensions.DependencyInjection;

public static class PlanWatcherServiceCollectionExtensions
{
    /// <summary>
    /// Has this process watch the plan of <paramref name="service"/> (one of <see cref="Zilla.Config.Plans.ServiceNames"/>) at Control
    /// (<c>services:control:grpc:0</c>) and apply it with <typeparamref name="TApplier"/>, a singleton. Keeps the last applied plan in
    /// <c>Zilla:StateDirectory</c> and starts from it when Control cannot be reached. Adds the health check "plan": unhealthy until a plan is
    /// in force, degraded while a newer one is refused. Tells events as the plan says.
    /// </summary>
    public static IServiceCollection AddPlanWatcher<TApplier>(this IServiceCollection services, string service)
        where TApplier : class, IPlanApplier
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TApplier>();
        services.TryAddSingleton<IPlanApplier>(provider => provider.GetRequiredService<TApplier>());
        services.TryAddSingleton(provider => Options(provider.GetRequiredService<IConfiguration>(), service));
        services.TryAddSingleton<PlanProgress>();
        services.TryAddSingleton<PlanFile>();
        services.TryAddSingleton<ControlConnection>();
        services.TryAddSingleton(_ => new ReconnectBackoff(Random.Shared.NextDouble));
        services.AddEventLog();
        services.AddHostedService<PlanWatcher>();
        services.AddHealthChecks().AddCheck<PlanHealthCheck>("plan");
        return services;
    }

    /// <summary>Has <paramref name="follow"/> told of each plan once it is in force.</summary>
    public static IServiceCollection AddPlanFollower(this IServiceCollection services, Action<IServiceProvider, ServicePlan> follow) =>
        services.AddSingleton<IPlanFollower>(provider => new Follower(plan => follow(provider, plan)));

    /// <summary>Has <paramref name="use"/> told of the collectors that each plan names, none included, once it is in force; it knows nothing of plans.</summary>
    /// <typeparam name="TExport">What exports to them, a singleton.</typeparam>
    public static IServiceCollection AddOtlpFollower<TExport>(
        this IServiceCollection services,
        Action<TExport, IEnumerable<(Uri? Metrics, Uri? Logs, TimeSpan Interval, string? Authorization, IReadOnlyDictionary<string, string> Attributes,
            (string Identity, SslClientAuthenticationOptions Options)? Tls)>> use)
        where TExport : notnull =>
        services.AddPlanFollower((provider, plan) => use(provider.GetRequiredService<TExport>(), plan.Otlp is not { } otlp ? [] : Usable(provider, otlp).Select(to =>
            (to.Exporter.Metrics ? to.Exporter.MetricsUrl : null, to.Exporter.Logs ? to.Exporter.LogsUrl : null, to.Exporter.Interval, to.Exporter.Authorization, otlp.Attributes, to.Tls))));

    /// <summary>Those whose certificates can be read; of others the log tells.</summary>
    private static List<(OtlpExporter Exporter, (string, SslClientAuthenticationOptions)? Tls)> Usable(IServiceProvider provider, OtlpPlan plan)
    {
        var usable = new List<(OtlpExporter, (string, SslClientAuthenticationOptions)?)>();
        foreach (var exporter in plan.Exporters)
        {
            try
            {
                usable.Add((exporter, CollectorTls.Of(exporter, plan)));
            }
            catch (FormatException e)
            {
                CollectorLog.Unusable(provider.GetService<ILoggerFactory>()?.CreateLogger<PlanWatcher>() ?? (ILogger)NullLogger.Instance, exporter.Name, e.Message);
            }
        }

        return usable;
    }

    private sealed class Follower(Action<ServicePlan> follow) : IPlanFollower
    {
        public void Follow(ServicePlan plan) => follow(plan);
    }

    private static PlanWatcherOptions Options(IConfiguration configuration, string service)
    {
        var instance = configuration["Zilla:Instance"];
        var control = configuration["services:control:grpc:0"];
        return new PlanWatcherOptions
        {
            Service = service,
            Instance = instance is { Length: > 0 } ? instance : $"{service}-{Environment.MachineName}-{Environment.ProcessId}",
            Address = configuration["Zilla:Address"] ?? configuration["Kestrel:Endpoints:Grpc:Url"] ?? configuration["Kestrel:Endpoints:Http:Url"] ?? "",
            Control = control is { Length: > 0 }
                ? Uri.TryCreate(control, UriKind.Absolute, out var address) ? address : throw new FormatException($"services:control:grpc:0 is not an absolute URL: '{control}'")
                : null,
            PlanFile = configuration["Zilla:StateDirectory"] is { Length: > 0 } directory
                ? Path.Combine(directory, FileName(instance is { Length: > 0 } ? instance : service))
                : null,
        };
    }

    private static string FileName(string instance) =>
        string.Concat(instance.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_')) + ".plan.json";
}
