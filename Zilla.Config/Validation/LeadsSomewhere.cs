using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A binding that is not the last of its chain has an exit or routes; mappings onto Kafka or files have routes.</summary>
internal sealed class LeadsSomewhere : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var binding in configuration.Bindings.Values)
        {
            if (binding is TcpClientBinding or FilesystemBinding or EchoBinding or UnsupportedBinding || BindingGraph.RouteExits(binding).Count > 0)
            {
                continue;
            }

            if (binding is HttpKafkaBinding or SseKafkaBinding or HttpFilesystemBinding or GrpcKafkaBinding or KafkaGrpcBinding)
            {
                findings.Report(BindingGraph.PathOf(binding), $"{binding.TypeAndKind()} '{binding.Name}' has no 'routes'");
            }
            else if (binding.Exit is null)
            {
                findings.Report(BindingGraph.PathOf(binding), $"{binding.TypeAndKind()} '{binding.Name}' has neither 'exit' nor 'routes'");
            }
        }
    }
}
