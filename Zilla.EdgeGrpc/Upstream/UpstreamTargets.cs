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
    /// <param name="authority">Who is asked for; null: the tls client's <c>sni</c>, else the host that is dialled. An override of the http client goes before it.</param>
    /// <exception cref="FormatException">The plan lacks a part of the way; the message names the binding.</exception>
    public static UpstreamTarget Of(ServicePlan plan, GrpcClientBinding client, string exit, string? authority = null)
    {
        var http = Http(plan, client, exit);
        return Of(plan, client, http, http.Exit, HeaderOverrides.Compile(http), authority);
    }

    /// <summary>The ways that the routes of an http client lead, one for each condition, in order; what no condition takes goes by its exit, if it has one.</summary>
    /// <inheritdoc cref="Of(ServicePlan, GrpcClientBinding, string, string)" path="/exception"/>
    public static IEnumerable<(HttpCondition? When, UpstreamTarget Target)> All(ServicePlan plan, GrpcClientBinding client, string exit)
    {
        var http = Http(plan, client, exit);
        foreach (var route in http.Routes ?? [])
        {
            foreach (var when in route.When.DefaultIfEmpty())
            {
                yield return (when, Of(plan, client, http, route.Exit, HeaderOverrides.Compile(http, route, when), null));
            }
        }

        if (http.Routes is null || http.Exit is not null)
        {
            yield return (null, Of(plan, client, exit));
        }
    }

    private static HttpClientBinding Http(ServicePlan plan, GrpcClientBinding client, string exit) => Next<HttpClientBinding>(plan, client.Name, exit);

    private static UpstreamTarget Of(ServicePlan plan, GrpcClientBinding client, HttpClientBinding http, string? exit, HeaderOverrides overrides, string? authority)
    {
        var last = Next<BindingConfig>(plan, http.Name, exit);
        var tls = last as TlsClientBinding;
        var tcp = tls is null ? Next<TcpClientBinding>(plan, http.Name, exit) : Next<TcpClientBinding>(plan, tls.Name, tls.Exit);
        if (tcp is not { Host: { } host, Ports: [var port, ..] })
        {
            throw new FormatException($"{tcp.Name}: it has no host and port to dial");
        }

        var asked = Sound(client.Name, authority ?? string.Create(CultureInfo.InvariantCulture, $"{(tls?.ServerNames is [var name, ..] ? name : host)}:{port}"));
        return new UpstreamTarget(host, port, overrides.AuthorityText is { } other ? Sound(http.Name, other) : asked, tls?.Name, client.MaxMessage)
        {
            ServerName = UpstreamTarget.HostOf(asked),
            Overrides = overrides,
        };
    }

    private static string Sound(string binding, string authority) => Uri.TryCreate($"http://{authority}", UriKind.Absolute, out var url) && url is { PathAndQuery: "/", UserInfo: "" }
        ? authority
        : throw new FormatException($"{binding}: '{authority}' is no authority");

    private static T Next<T>(ServicePlan plan, string from, string? to)
        where T : BindingConfig =>
        plan.Bindings.FirstOrDefault(binding => binding.Name == to) is T found ? found : throw new FormatException($"{from}: the plan lacks its exit {to}, or it is of another kind");
}
