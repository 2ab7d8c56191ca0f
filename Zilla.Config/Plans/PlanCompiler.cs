using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Telemetry;
using Zilla.Config.Validation;
using Zilla.Config.Vaults;

namespace Zilla.Config.Plans;

/// <summary>Makes each service's plan from a configuration in which no mistake was found.</summary>
public static class PlanCompiler
{
    /// <summary>The services that get plans. One with nothing to do gets a plan that says so.</summary>
    public static IReadOnlyList<string> Services { get; } = [ServiceNames.EdgeHttp, ServiceNames.EdgeMqtt, ServiceNames.EdgeGrpc, ServiceNames.KafkaCache];

    /// <returns>A plan for each of <see cref="Services"/>.</returns>
    public static IReadOnlyDictionary<string, ServicePlan> Compile(ZillaConfiguration configuration, long revision) =>
        Services.ToDictionary(service => service, service => Compile(configuration, service) with { Revision = revision });

    private static ServicePlan Compile(ZillaConfiguration configuration, string service)
    {
        var listeners = configuration.Bindings.Values.OfType<TcpServerBinding>().Select(tcp => ListenerShare.Of(configuration, tcp, service)).OfType<TcpServerBinding>().ToList();
        var handovers = service == ServiceNames.EdgeGrpc ? Handovers(configuration) : [];
        var reachable = Reachable(configuration, [.. listeners, .. handovers, .. service == ServiceNames.EdgeGrpc ? CallsInTopics(configuration) : []], service);
        return new ServicePlan
        {
            Revision = 0,
            Namespace = configuration.Name,
            Listeners = [.. listeners.Select(tcp => new ListenerPlan { Binding = tcp.Name, Host = tcp.Host, Ports = tcp.Ports, Limits = tcp.Limits })],
            Bindings = [.. reachable.Select(binding => Presenting(configuration, binding))],
            Vaults = [.. reachable.OfType<TlsBinding>().Select(tls => tls.Vault).OfType<string>().Distinct().Order(StringComparer.Ordinal).Select(name => configuration.Vaults[name])],
            Guards = listeners.Count > 0 ? [.. configuration.Guards.Values.Where(guard => guard is JwtGuard or X509Guard)] : [],
            Clusters = reachable.OfType<KafkaCacheClientBinding>().ToDictionary(client => client.Name, client => ClusterOf(configuration, client)),
            CachedClusters = service == ServiceNames.KafkaCache
                ? [.. configuration.Bindings.Values.OfType<KafkaCacheServerBinding>().Select(server => Cluster(configuration, server))]
                : [],
            Handovers = handovers.Count > 0 ? [.. handovers.Select(grpc => grpc.Name)] : null,
            Metrics = MetricsShare.Of(configuration, service),
            Otlp = configuration.Telemetry.Exporters.OfType<OtlpExporter>().ToList() is { Count: > 0 } collectors
                ? new() { Attributes = configuration.Telemetry.Attributes, Exporters = collectors, Vaults = Vaults(configuration, collectors) }
                : null,
            Events = configuration.Telemetry.Exporters.Any(exporter => exporter is StdoutExporter) ? true : null,
        };
    }

    private static List<FilesystemVault>? Vaults(ZillaConfiguration configuration, IEnumerable<OtlpExporter> collectors) =>
        collectors.Where(collector => collector.Tls is not null).Select(collector => collector.Vault).OfType<string>().Distinct().Select(name => configuration.Vaults[name]).ToList() is { Count: > 0 } vaults ? vaults : null;

    /// <summary>In the order of the file, so that a plan changes only when its content does. The cache_client is the last that an edge needs.</summary>
    private static IReadOnlyList<BindingConfig> Reachable(ZillaConfiguration configuration, IReadOnlyList<BindingConfig> from, string service)
    {
        var shares = from.ToDictionary(binding => binding.Name, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<BindingConfig>(from);
        while (open.TryPop(out var binding))
        {
            if (!seen.Add(binding.Name))
            {
                continue;
            }

            if (binding is GrpcServerBinding && service == ServiceNames.EdgeHttp)
            {
                // Requests are handed over there: its name is all that counts.
                shares[binding.Name] = new GrpcServerBinding { Name = binding.Name };
            }
            else if (binding is not KafkaCacheClientBinding)
            {
                foreach (var next in configuration.Next(binding))
                {
                    open.Push(next);
                }
            }
        }

        return [.. configuration.Bindings.Values.Where(binding => seen.Contains(binding.Name)).Select(binding => shares.GetValueOrDefault(binding.Name) ?? binding)];
    }

    /// <summary>What an http client presents, its edge is told as headers: inline guards are nothing for edges.</summary>
    private static BindingConfig Presenting(ZillaConfiguration configuration, BindingConfig binding) => binding is not HttpClientBinding { Authorization: { } authorization } http ? binding : http with
    {
        Authorization = null,
        Overrides = (http.Overrides ?? new Dictionary<string, string>()).Where(header => !authorization.Headers.Keys.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Concat(authorization.With((InlineGuard)configuration.Guards[authorization.Guard])).ToDictionary(StringComparer.Ordinal),
    };

    /// <summary>The grpc servers that listeners of the HTTP edge lead to.</summary>
    private static IReadOnlyList<GrpcServerBinding> Handovers(ZillaConfiguration configuration)
    {
        var listeners = configuration.Bindings.Values.OfType<TcpServerBinding>().Select(tcp => ListenerShare.Of(configuration, tcp, ServiceNames.EdgeHttp)).OfType<TcpServerBinding>().ToList();
        var names = Reachable(configuration, listeners, ServiceNames.EdgeHttp).OfType<GrpcServerBinding>().Select(grpc => grpc.Name).ToHashSet(StringComparer.Ordinal);
        return [.. configuration.Bindings.Values.OfType<GrpcServerBinding>().Where(grpc => names.Contains(grpc.Name))];
    }

    /// <summary>What begins at the cache in place of a listener, and where.</summary>
    private static IEnumerable<BindingConfig> CallsInTopics(ZillaConfiguration configuration) =>
        configuration.Bindings.Values.OfType<KafkaGrpcBinding>().SelectMany(calls => new[] { calls, configuration.Bindings[calls.Entry] }).Distinct();

    private static string ClusterOf(ZillaConfiguration configuration, KafkaCacheClientBinding client) =>
        configuration.Next(client).OfType<KafkaCacheServerBinding>().First().Name;

    private static ClusterPlan Cluster(ZillaConfiguration configuration, KafkaCacheServerBinding server)
    {
        var client = configuration.Next(server).OfType<KafkaClientBinding>().First();
        return new ClusterPlan
        {
            Name = server.Name,
            Servers = configuration.ServersOf(client),
            Tls = configuration.Next(client).OfType<TlsClientBinding>().FirstOrDefault() is { } tls
                ? new ClusterTls { Binding = tls, Vault = tls.Vault is { } vault ? configuration.Vaults[vault] : null }
                : null,
            Sasl = client.Sasl is { Guard: { } guard } sasl ? sasl.With((InlineGuard)configuration.Guards[guard]) : client.Sasl,
            Bootstrap = server.Bootstrap,
            Topics = server.Topics,
            AllowedTopics = configuration.AllowedTopics(server),
            Sessions =
            [
                .. configuration.Bindings.Values.OfType<MqttKafkaBinding>().Where(mqtt => configuration.ClustersOf(mqtt).Contains(server)).Select(mqtt => new SessionsPlan
                {
                    Namespace = configuration.Name,
                    Binding = mqtt.Name,
                    SessionsTopic = mqtt.Topics.Sessions,
                    MessagesTopic = mqtt.Topics.Messages,
                    RetainedTopic = mqtt.Topics.Retained,
                }),
            ],
            Work =
            [
                .. configuration.Bindings.Values.OfType<KafkaGrpcBinding>().Where(calls => configuration.ClusterOf(calls) == server).Select(calls => new WorkPlan
                {
                    Group = WorkPlan.GroupOf(configuration.Name, calls.Name),
                    Conditions = [.. calls.Routes.SelectMany(route => route.When)],
                    Correlation = calls.Correlation,
                    DeadLetter = calls.DeadLetter,
                }),
            ],
        };
    }
}
