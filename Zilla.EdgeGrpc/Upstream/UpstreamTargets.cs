using System.Globalization;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>Finds in a plan where a grpc client leads to.</summary>
internal static class UpstreamTargets
{
    /// <param name="plan">The plan.</param>
    /// <param name="client">The grpc client.</param>
    /// <param name="exit">The http client that it, or a route of it, exits to.</param>
    /// <param name="authority">Who is asked for; null: the tls client's <c>sni</c>, else the host that is dialled.</param>
    /// <exception cref="FormatException">The plan lacks a part of the way; the message names the binding.</exception>
    public static UpstreamTarget Of(ServicePlan plan, GrpcClientBinding client, string exit, string? authority = null)
    {
        var bindings = plan.Bindings.ToDictionary(binding => binding.Name, StringComparer.Ordinal);
        var http = Next<HttpClientBinding>(client.Name, exit);
        var last = Next<BindingConfig>(http.Name, http.Exit);
        var tls = last as TlsClientBinding;
        var tcp = tls is null ? Next<TcpClientBinding>(http.Name, http.Exit) : Next<TcpClientBinding>(tls.Name, tls.Exit);
        if (tcp is not { Host: { } host, Ports: [var port, ..] })
        {
            throw new FormatException($"{tcp.Name}: it has no host and port to dial");
        }

        var asked = authority ?? string.Create(CultureInfo.InvariantCulture, $"{(tls?.ServerNames is [var name, ..] ? name : host)}:{port}");
        return Uri.TryCreate($"http://{asked}", UriKind.Absolute, out var url) && url is { PathAndQuery: "/", UserInfo: "" }
            ? new UpstreamTarget(host, port, asked, tls?.Name, client.MaxMessage)
            : throw new FormatException($"{client.Name}: '{asked}' is no authority");

        T Next<T>(string from, string? to)
            where T : BindingConfig =>
            to is not null && bindings.GetValueOrDefault(to) is T found ? found : throw new FormatException($"{from}: the plan lacks its exit {to}, or it is of another kind");
    }
}
