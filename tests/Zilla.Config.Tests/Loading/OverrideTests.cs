using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>Headers that an http client says otherwise, and its routes.</summary>
public sealed class OverrideTests
{
    private const string Text = """
        name: t
        catalogs: {c: {type: inline, options: {subjects: {s: {schema: "syntax = \"proto3\"; service Echo { rpc Say(W) returns (W); } message W {}"}}}}}
        bindings:
          tcp0: {type: tcp, kind: server, options: {port: 7151}, exit: http0}
          http0: {type: http, kind: server, exit: grpc0}
          grpc0: {type: grpc, kind: server, catalog: {c: [{subject: s}]}, exit: grpc1}
          grpc1: {type: grpc, kind: client, exit: http1}
          http1:
            type: http
            kind: client
            options:
              versions: [h2]
              overrides:
                :authority: echo.example:8080
                x-gateway: zilla
            routes:
              - when:
                  - headers:
                      :path: /Echo/{method}
                      tenant: blue*
                with:
                  headers:
                    overrides:
                      :path: /v2.Echo/${params.method}
                      x-method: was-${params.method}
                exit: tcp2
            exit: tcp1
          tcp1: {type: tcp, kind: client, options: {host: localhost, port: 50051}}
          tcp2: {type: tcp, kind: client, options: {host: localhost, port: 50052}}
        """;

    [Fact]
    public void Read_HasWhatTheFileSays_AndThePlanHasBothWays()
    {
        var configuration = Loader.LoadValid(Text);
        var http = Assert.IsType<HttpClientBinding>(configuration.Bindings["http1"]);
        Assert.Equal([new(":authority", "echo.example:8080"), new("x-gateway", "zilla")], http.Overrides!);
        var route = Assert.Single(http.Routes!);
        Assert.Equal("tcp2", route.Exit);
        Assert.Equal([new(":path", "/Echo/{method}"), new("tenant", "blue*")], Assert.Single(route.When).Headers);
        Assert.Equal([new(":path", "/v2.Echo/${params.method}"), new("x-method", "was-${params.method}")], route.Overrides!);
        Assert.Equal(["tcp1", "tcp2"], PlanCompiler.Compile(configuration, 1)[ServiceNames.EdgeGrpc].Bindings.OfType<TcpClientBinding>().Select(tcp => tcp.Name));
    }

    [Theory]
    [InlineData("x-gateway: zilla", "connection: close", "15:21 bindings.http1.options.overrides.connection: 'connection' is about one connection, or where a message ends: it is not passed on")]
    [InlineData("x-gateway: zilla", "Transfer-Encoding: chunked", "15:28 bindings.http1.options.overrides.Transfer-Encoding: 'Transfer-Encoding' is about one connection, or where a message ends: it is not passed on")]
    [InlineData("x-gateway: zilla", "grpc-timeout: 1S", "15:23 bindings.http1.options.overrides.grpc-timeout: 'grpc-timeout' is the gateway's own to say of a call")]
    [InlineData("x-gateway: zilla", "host: a", "15:15 bindings.http1.options.overrides.host: the host is ':authority' here")]
    [InlineData("x-gateway: zilla", ":autority: a", "15:20 bindings.http1.options.overrides.:autority: there is no pseudo header ':autority' of requests; did you mean ':authority'?")]
    [InlineData("x-gateway: zilla", "a b: c", "15:14 bindings.http1.options.overrides.a b: 'a b' is no name of a header")]
    [InlineData("x-gateway: zilla", "x-gateway: zillä", "15:20 bindings.http1.options.overrides.x-gateway: the value of a header is printable ASCII, without blanks at its ends")]
    [InlineData("x-gateway: zilla", "x-gateway: ${params.method}", "15:20 bindings.http1.options.overrides.x-gateway: expressions have a value in 'with' of a route alone")]
    [InlineData("x-gateway: zilla", ":scheme: https", "15:18 bindings.http1.options.overrides.:scheme: the scheme is what the way to the service is, and 'tcp1' is a tcp client")]
    [InlineData("x-gateway: zilla", ":method: GET", "15:18 bindings.http1.options.overrides.:method: calls of gRPC are made with POST")]
    [InlineData("echo.example:8080", "http://echo.example", "14:21 bindings.http1.options.overrides.:authority: expected host or host:port, found 'http://echo.example'")]
    [InlineData("x-method: was-${params.method}", ":authority: ${params.method}.example", "25:27 bindings.http1.routes[0].with.headers.overrides.:authority: expected host or host:port, found '${params.method}.example'")]
    [InlineData("was-${params.method}", "${params.other}", "25:25 bindings.http1.routes[0].with.headers.overrides.x-method: '${params.other}' is not bound by when[0]")]
    [InlineData("was-${params.method}", "${guarded['g'].identity}", "25:25 bindings.http1.routes[0].with.headers.overrides.x-method: no guard is named 'g'")]
    [InlineData("/v2.Echo/", "v2.Echo/", "24:22 bindings.http1.routes[0].with.headers.overrides.:path: a path starts with '/' and has neither blanks nor '#', found 'v2.Echo/${params.method}'")]
    [InlineData(":path: /Echo/{method}", ":path: /Echo/{method", "19:22 bindings.http1.routes[0].when[0].headers.:path: '{' without '}'")]
    [InlineData("exit: tcp2", "exit: tcp3", "26:15 bindings.http1.routes[0].exit: no binding is named 'tcp3'; did you mean 'tcp0'?")]
    public void Read_Mistake_HasItsPlace(string sound, string wrong, string mistake)
    {
        Assert.Contains(sound, Text, StringComparison.Ordinal);
        Assert.Contains(mistake, Loader.Mistakes(Text.Replace(sound, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Identity_HasNoValue()
    {
        var text = Text.Replace("was-${params.method}", "${guarded['g'].identity}", StringComparison.Ordinal).Replace("bindings:", "guards: {g: {type: jwt, options: {issuer: 'https://a.example'}}}\nbindings:", StringComparison.Ordinal);
        Assert.Equal(["26:25 bindings.http1.routes[0].with.headers.overrides.x-method: '${guarded['g'].identity}' has no value in 'x-method'"], Loader.Mistakes(text));
    }

    [Fact]
    public void Routes_BehindCallsFromTopics_AreRefused()
    {
        var text = Text.Replace("bindings:\n", """
            bindings:
              calls: {type: kafka-grpc, kind: remote_server, entry: cache, routes: [{when: [{topic: a, reply-to: b}], with: {scheme: http, authority: x}, exit: grpc1}]}
              cache: {type: kafka, kind: cache_client, exit: cached}
              cached: {type: kafka, kind: cache_server, exit: kafka}
              kafka: {type: kafka, kind: client, options: {servers: ["127.0.0.1:9092"]}, exit: tcp9}
              tcp9: {type: tcp, kind: client}

            """, StringComparison.Ordinal);
        Assert.Equal(["21:5 bindings.http1.routes: calls from topics come to 'http1', and are not routed by headers"], Loader.Mistakes(text));
    }

    [Theory]
    [InlineData("Bearer {credentials}", "Bearer me:{identity}")]
    [InlineData("Basic {username}:{password}", "Basic bWU6e2lkZW50aXR5fQ==")]
    [InlineData("{identity} {credentials}", "who me:{identity}")]
    public void Authorization_IsAHeaderInThePlan_AndGoesBeforeTheOverrideOfThatName(string template, string header)
    {
        var plans = PlanCompiler.Compile(Loader.LoadValid(Presenting(template, "Authorization: none")), 1);
        var http = plans[ServiceNames.EdgeGrpc].Bindings.OfType<HttpClientBinding>().Single();
        Assert.Null(http.Authorization);
        Assert.Equal((2, header), (http.Overrides!.Count, http.Overrides["authorization"]));
        Assert.Empty(plans[ServiceNames.EdgeGrpc].Guards);
    }

    [Theory]
    [InlineData("Bearer {credentials}", "credentials: 'me:{identity}'", "credentials: 'zillä'", "the value of a header is printable ASCII, without blanks at its ends")]
    [InlineData("Basic {username}:{password}", "credentials: 'me:{identity}'", "credentials: me", "the credentials of the guard 'g' are no username and password with a colon between them")]
    [InlineData("Bearer", "", "", "expected '{credentials}' once, as in 'Bearer {credentials}'")]
    [InlineData("Bearer {credentials}", "type: inline, options: {identity: who, credentials: 'me:{identity}'}", "type: jwt, options: {issuer: 'https://a.example'}", "the guard 'g' does not hold what an http client presents: expected one of type inline")]
    [InlineData("Bearer {credentials}", "headers: {authorization", "headers: {te", "'te' is the gateway's own to say of a call")]
    [InlineData("Bearer {credentials}", "headers: {authorization", "query: {token", "'query' is not supported yet")]
    public void Authorization_Mistake_IsReported_WithoutTheSecret(string template, string sound, string wrong, string mistake)
    {
        var text = Presenting(template, "x-gateway: zilla");
        var mistakes = Loader.Load(sound.Length == 0 ? text : text.Replace(sound, wrong, StringComparison.Ordinal)).Errors;
        Assert.Contains(mistakes, error => error.Message == mistake && error.Line is > 1 and < 20);
        Assert.DoesNotContain(mistakes, error => error.Message.Contains("me:", StringComparison.Ordinal));
    }

    private static string Presenting(string template, string other) => Text
        .Replace("bindings:\n", "guards: {g: {type: inline, options: {identity: who, credentials: 'me:{identity}'}}}\nbindings:\n", StringComparison.Ordinal)
        .Replace("      overrides:\n        :authority: echo.example:8080\n        x-gateway: zilla\n", $"      authorization: {{g: {{credentials: {{headers: {{authorization: '{template}'}}}}}}}}\n      overrides:\n        :authority: echo.example:8080\n        {other}\n", StringComparison.Ordinal);
}
