using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A grpc client that a kafka-grpc binding exits to asks nothing that records do not have, and its connections are of the scheme that the route says.</summary>
internal sealed class KafkaGrpcExitFits : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        var bindings = configuration.Bindings.Values.OfType<KafkaGrpcBinding>().ToList();
        foreach (var client in bindings.SelectMany(binding => configuration.Next(binding)).OfType<GrpcClientBinding>().Distinct())
        {
            CheckRoutes(client, findings);
            foreach (var http in configuration.Next(client).OfType<HttpClientBinding>().Where(http => http.Routes is not null))
            {
                findings.Report(BindingGraph.PathOf(http) / "routes", $"calls from topics come to '{http.Name}', and are not routed by headers");
            }
        }

        foreach (var binding in bindings)
        {
            for (var index = 0; index < binding.Routes.Count; index++)
            {
                CheckScheme(configuration, binding.Routes[index], BindingGraph.PathOf(binding, index) / "with" / "scheme", findings);
            }
        }
    }

    private static void CheckRoutes(GrpcClientBinding client, Findings findings)
    {
        for (var index = 0; index < client.Routes.Count; index++)
        {
            var (route, at) = (client.Routes[index], BindingGraph.PathOf(client, index));
            for (var condition = 0; condition < route.When.Count; condition++)
            {
                if (route.When[condition].Metadata.Count > 0)
                {
                    findings.Report(at / "when" / condition / "metadata", $"calls from topics come to '{client.Name}', and are not routed by metadata: have 'headers' of the kafka-grpc's route say it");
                }
            }

            if (route.Guarded.Count > 0)
            {
                findings.Report(at / "guarded", $"calls from topics come to '{client.Name}', and have no credentials that a guard could know");
            }
        }
    }

    private static void CheckScheme(ZillaConfiguration configuration, KafkaGrpcRoute route, ConfigurationPath at, Findings findings)
    {
        if (route.Scheme is not { } scheme || configuration.Bindings.GetValueOrDefault(route.Exit) is not GrpcClientBinding client)
        {
            return;
        }

        foreach (var http in configuration.Next(client).OfType<HttpClientBinding>())
        {
            if (configuration.Next(http).FirstOrDefault() is { } next and (TlsClientBinding or TcpClientBinding) && (next is TlsClientBinding) != (scheme == "https"))
            {
                findings.Report(at, $"the scheme is '{scheme}', but '{http.Name}' leads to '{next.Name}', a {next.TypeAndKind()}");
                return;
            }
        }
    }
}
