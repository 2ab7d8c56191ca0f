using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>A tls client towards Kafka says nothing that the Kafka client library cannot honour.</summary>
internal sealed class BrokerTlsFits : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var tls in configuration.Bindings.Values.OfType<KafkaClientBinding>().SelectMany(configuration.Next).OfType<TlsClientBinding>().Distinct())
        {
            var options = BindingGraph.PathOf(tls) / "options";
            if (tls.Alpn is not null)
            {
                findings.Report(options / "alpn", "'alpn' cannot be honoured: the Kafka client library agrees on no protocol");
            }

            if (tls.OnlyTls12 is true)
            {
                findings.Report(options / "version", "'TLSv1.2' cannot be honoured: the Kafka client library speaks TLS 1.3 with brokers that do");
            }

            if (tls.Keys.Count > 1)
            {
                findings.Report(options / "keys" / 1, "the Kafka client library shows every broker the same certificate: one key at most");
            }
        }
    }
}
