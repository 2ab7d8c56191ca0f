using Zilla.Config.Bindings;
using Zilla.Config.Validation;

namespace Zilla.Config.Plans;

/// <summary>
/// Divides the ports of a tcp server among the edges. A port has one exit, since its routes look at nothing but the port, and a rule has it that each
/// exit leads to one edge.
/// </summary>
internal static class ListenerShare
{
    /// <summary>The binding with no more than <paramref name="edge"/> has to know of it; null if no port of it is the edge's.</summary>
    public static TcpServerBinding? Of(ZillaConfiguration configuration, TcpServerBinding tcp, string edge)
    {
        var edges = tcp.Exits().Select(exit => exit.Exit).Distinct().ToDictionary(exit => exit, exit => EdgeOf(configuration, exit), StringComparer.Ordinal);

        // A port without exit refuses its connections; any edge can.
        var first = edges.Values.OfType<string>().FirstOrDefault();
        bool IsMine(int port) => (ExitOf(tcp, port) is { } exit ? edges[exit] : first) == edge;
        int[] ports = [.. tcp.Ports.Where(IsMine)];
        return ports.Length == 0 ? null : tcp with
        {
            Ports = ports,
            Exit = tcp.Exit is { } own && edges[own] == edge ? own : null,
            Routes = [.. tcp.Routes.Where(route => edges[route.Exit] == edge)],
        };
    }

    private static string? ExitOf(TcpServerBinding tcp, int port) => tcp.Routes.FirstOrDefault(route => route.Ports.Count == 0 || route.Ports.Contains(port))?.Exit ?? tcp.Exit;

    /// <summary>Of an exit that HTTP and gRPC share, the HTTP edge, which hands calls over.</summary>
    private static string? EdgeOf(ZillaConfiguration configuration, string exit)
    {
        var choices = EdgeChoice.Of(configuration, configuration.Bindings[exit]);
        return choices.Any(choice => choice.Edge == ServiceNames.EdgeHttp) ? ServiceNames.EdgeHttp : choices is [var first, ..] ? first.Edge : null;
    }
}
