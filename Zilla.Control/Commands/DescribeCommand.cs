using System.Text.Json;
using Zilla.Config;
using Zilla.Config.Bindings;
using Zilla.Config.Catalogs;
using Zilla.Config.Loading;
using Zilla.Config.Plans;

namespace Zilla.Control.Commands;

/// <summary>
/// <c>describe &lt;file or URL&gt;</c>: says, as JSON, what a configuration needs of the place it is to run in. The variables it reads need not be
/// set: something harmless stands for one that is not.
/// </summary>
internal static class DescribeCommand
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What may stand for a variable: text, the address of a server, a port.</summary>
    private static readonly string[] StandIns = ["unset", "unset:9092", "9092"];

    /// <returns>0 = described, 1 = mistakes or no such file, 2 = wrong arguments.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Func<string, string?> environment, TextWriter output, TextWriter problems)
    {
        if (args is not [{ Length: > 0 } place] || place.StartsWith('-'))
        {
            await problems.WriteLineAsync("usage: describe <zilla.yaml, or its URL>");
            return 2;
        }

        string text;
        var url = Uri.TryCreate(place, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        var source = url is null ? ConfigurationSource.File(place) : ConfigurationSource.Url(url);
        try
        {
            using var http = new HttpClient { Timeout = FetchTimeout, MaxResponseContentBufferSize = MaxBytes };
            text = url is null ? await File.ReadAllTextAsync(place) : await http.GetStringAsync(url);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or HttpRequestException or OperationCanceledException)
        {
            await problems.WriteLineAsync($"{source.Name} cannot be read: {unreadable.Message}");
            return 1;
        }

        var (result, variables) = Load(text, source, environment);
        foreach (var error in result.Errors)
        {
            await problems.WriteLineAsync(FormattableString.Invariant($"{source.Name}:{error.Line}:{error.Column}: {error.Message}"));
        }

        if (result.Configuration is not { } configuration)
        {
            return 1;
        }

        var plans = PlanCompiler.Compile(configuration, revision: 1);
        var needs = new ConfigurationNeeds(configuration.Name, [.. plans.SelectMany(p => Listeners(p.Key, p.Value))], variables, [.. ProtoFiles(configuration), .. plans.SelectMany(p => Files(p.Key, p.Value))],
            [.. plans.Where(p => p.Value.Handovers is not null).Select(p => p.Key)], [.. plans.Where(p => p.Value.Bindings.Any(binding => binding is KafkaGrpcBinding)).Select(p => p.Key)]);
        await output.WriteLineAsync(JsonSerializer.Serialize(needs, NeedsJson.Default.ConfigurationNeeds));
        return 0;
    }

    /// <summary>Finds for each variable that is not set the stand-in that the fewest mistakes come of.</summary>
    private static (ConfigurationResult Result, IReadOnlyList<string> Variables) Load(string text, ConfigurationSource source, Func<string, string?> environment)
    {
        var standIns = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        ConfigurationResult Try() => ConfigurationLoader.Load(text, source, name =>
        {
            standIns.TryAdd(name, StandIns[0]);
            return environment(name) ?? standIns[name];
        });

        var best = Try();
        foreach (var (name, standIn) in standIns.Keys.SelectMany(_ => StandIns.Skip(1), (name, standIn) => (name, standIn)).ToList())
        {
            var before = standIns[name];
            standIns[name] = standIn;
            var result = Try();
            (best, standIns[name]) = result.Errors.Count < best.Errors.Count ? (result, standIn) : (best, before);
        }

        return (best, [.. standIns.Keys]);
    }

    private static IEnumerable<NeededListener> Listeners(string service, ServicePlan plan)
    {
        var http = plan.Bindings.OfType<HttpServerBinding>().Select(binding => binding.Name).ToHashSet(StringComparer.Ordinal);
        var listeners = plan.Bindings.OfType<TcpServerBinding>().Select(tcp =>
            new NeededListener(service, tcp.Name, tcp.Ports, tcp.Routes.Select(route => route.Exit).Append(tcp.Exit).OfType<string>().All(http.Contains))).ToList();

        // Where there is nothing for clients, there is no edge to ask.
        return plan.Metrics is { } metrics && listeners.Count > 0
            ? listeners.Append(new NeededListener(service, "prometheus", [.. metrics.Endpoints.Select(endpoint => endpoint.Port).Distinct()], Http: true, Internal: true))
            : listeners;
    }

    /// <summary>Control reads them; the edge gets what they say with its plan.</summary>
    private static IEnumerable<NeededFile> ProtoFiles(ZillaConfiguration configuration) => configuration.Bindings.Values.OfType<GrpcServerBinding>().SelectMany(grpc => grpc.Services)
        .Concat(configuration.Catalogs.Values.OfType<FilesystemCatalog>().SelectMany(catalog => catalog.Subjects.Values)).Distinct().Select(path => new NeededFile(ServiceNames.Control, path, Secret: false));

    private static IEnumerable<NeededFile> Files(string service, ServicePlan plan) =>
    [
        .. plan.Bindings.OfType<FilesystemBinding>().Select(files => new NeededFile(service, files.Location, Secret: false)),
        .. plan.Vaults.Concat(plan.CachedClusters.Select(cluster => cluster.Tls?.Vault).OfType<Config.Vaults.FilesystemVault>()).SelectMany(vault => new[] { vault.Keys, vault.Trust, vault.Signers })
            .OfType<Config.Vaults.VaultStore>().Select(store => new NeededFile(service, store.Path, Secret: true)).Distinct(),
    ];
}
