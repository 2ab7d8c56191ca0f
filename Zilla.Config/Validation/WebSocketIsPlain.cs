using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>An http server before a ws server judges and routes: what else it could do is not built for WebSockets yet, and must not be skipped.</summary>
internal sealed class WebSocketIsPlain : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var http in configuration.Bindings.Values.OfType<HttpServerBinding>().Where(http => configuration.Next(http).Any(next => next is WsServerBinding)))
        {
            var options = BindingGraph.PathOf(http) / "options";
            if (!http.Versions.Contains("http/1.1"))
            {
                findings.Report(options / "versions", "a WebSocket over h2 is not supported yet: a ws server needs 'http/1.1'");
            }

            if (http.Limits is not null)
            {
                findings.Report(options / "limits", "'limits' of an http server are not supported yet before a ws server: an mqtt server has limits of its own");
            }
        }
    }
}
