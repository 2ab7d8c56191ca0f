using Zilla.Config.Guards;
using Zilla.Config.Loading;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Plans;
using Zilla.Config.Yaml;

namespace Zilla.Config.Tests.Loading;

/// <summary>Guards and what names them (reference §3.1, §2.4), read whole although only inline ones are built.</summary>
public sealed class GuardTests
{
    private const string Jwt = "name: test\nguards:\n  g:\n    type: jwt\n    options:\n";
    private const string X509 = "name: test\nguards:\n  g:\n    type: x509\n    options:\n";
    private const string Http = "name: test\nguards:\n  i: {type: inline}\nbindings:\n  files: {type: filesystem, kind: server, options: {location: /}}\n"
        + "  proxy: {type: http-filesystem, kind: proxy, routes: [{exit: files, with: {path: a}}]}\n  http0:\n    type: http\n    kind: server\n    exit: proxy\n";

    private const string Guarded = """
        name: test
        guards:
          i: {type: inline, options: {identity: me, credentials: secret}}
          j: {type: jwt, options: {issuer: "https://auth.example.com", audience: a}}
        bindings:
          tcp0: {type: tcp, kind: server, options: {port: 7114}, exit: http0}
          http0:
            type: http
            kind: server
            options: {authorization: {j: {credentials: {headers: {authorization: "Bearer {credentials}"}}}}}
            routes: [{exit: sse0, guarded: {j: ["${method}"]}}]
          sse0: {type: sse, kind: server, exit: map0, routes: [{exit: map0, guarded: {j: []}}]}
          map0: {type: sse-kafka, kind: proxy, routes: [{exit: client0, guarded: {j: [a]}, with: {topic: t}}]}
          client0: {type: kafka, kind: cache_client, exit: server0}
          server0: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, exit: tcp1, options: {servers: ["h:1"]}}
          tcp1: {type: tcp, kind: client}
        """;

    [Fact]
    public void Read_Jwt_WithAList_TakesEveryKey()
    {
        var guard = Assert.IsType<JwtGuard>(Read("""
            type: jwt
            kind: ignored
            options:
              issuer: https://auth.example.com
              audience: https://api.example.com
              keys:
                - {kty: EC, kid: "1", use: sig, crv: P-256, x: AQAB, y: AQAC}
                - {kty: RSA, kid: example, alg: RS256, n: AQAD, e: AQAB, x5t: whatever}
              challenge: 30
              roles: realm_access.roles
              identity: email
              attributes: {tenant: org.tenant}
            """));

        Assert.Equal(("https://auth.example.com", "https://api.example.com", TimeSpan.FromSeconds(30)), (guard.Issuer, guard.Audience, guard.Challenge));
        Assert.Equal(("realm_access.roles", "email", "org.tenant"), (guard.Roles, guard.Identity, guard.Attributes["tenant"]));
        Assert.Null(guard.KeysUrl);
        Assert.Equal(
            [new JwtKey { Kty = "EC", Kid = "1", Use = "sig", Crv = "P-256", X = "AQAB", Y = "AQAC" }, new JwtKey { Kty = "RSA", Kid = "example", Alg = "RS256", N = "AQAD", E = "AQAB" }],
            guard.Keys);
    }

    [Theory]
    [InlineData("keys: https://auth.example.com/keys", "https://auth.example.com/keys")]
    [InlineData("issuer: https://auth.example.com/", "https://auth.example.com/.well-known/jwks.json")]
    [InlineData("issuer: http://auth.example.com/realm", "http://auth.example.com/realm/.well-known/jwks.json")]
    public void Read_Jwt_WithoutAList_KnowsWhereTheKeysAre(string options, string url)
    {
        var guard = Assert.IsType<JwtGuard>(Read($"type: jwt\noptions:\n  {options}\n"));
        Assert.Equal(new Uri(url), guard.KeysUrl);
        Assert.Equal(("scope", "sub", null), (guard.Roles, guard.Identity, guard.Challenge));
    }

    [Theory]
    [InlineData("{}", "5:5 guards.g.options: 'keys' is missing, and the 'issuer' is no http(s) URL at which /.well-known/jwks.json could be asked for")]
    [InlineData("{issuer: me}", "5:5 guards.g.options: 'keys' is missing, and the 'issuer' is no http(s) URL at which /.well-known/jwks.json could be asked for")]
    [InlineData("{keys: ftp://example.com}", "6:14 guards.g.options.keys: expected an http(s) URL or a list of keys, found 'ftp://example.com'")]
    [InlineData("{keys: []}", "6:8 guards.g.options.keys: without keys no token could pass")]
    [InlineData("{keys: {kty: RSA}}", "6:14 guards.g.options.keys: expected a list, found a mapping")]
    [InlineData("{keys: [{kty: oct, kid: a, k: AQAB}]}", "6:21 guards.g.options.keys[0].kty: only keys of type RSA and EC can be used, found 'oct'")]
    [InlineData("{keys: [{kty: RSA, kid: a, n: AQAB}]}", "6:15 guards.g.options.keys[0]: 'e' is missing")]
    [InlineData("{keys: [{kty: RSA, kid: a, n: 'A+/=', e: AQAB}]}", "6:37 guards.g.options.keys[0].n: expected base64url, found 'A+/='")]
    [InlineData("{keys: [{kty: EC, kid: a, crv: P256, x: AQAB, y: AQAB}]}", "6:38 guards.g.options.keys[0].crv: 'P256' is none of P-256, P-384, P-521; did you mean 'P-256'?")]
    [InlineData("{keys: [{kty: RSA, n: AQAB, e: AQAB}]}", "6:15 guards.g.options.keys[0]: 'kid' is missing")]
    [InlineData("{keys: [{kty: RSA, kid: a, n: AQAB, e: AQAB}, {kty: RSA, kid: a, n: AQAC, e: AQAB}]}", "6:8 guards.g.options.keys: the kid 'a' is given twice")]
    [InlineData("{keys: 'http://k', challenge: soon}", "6:37 guards.g.options.challenge: expected a whole number from 0 to 2147483647, found 'soon'")]
    [InlineData("{keys: 'http://k', roles: a..b}", "6:33 guards.g.options.roles: expected the path of a claim such as realm_access.roles, found 'a..b'")]
    [InlineData("{keys: 'http://k', role: a}", "6:26 guards.g.options.role: unknown key 'role'; did you mean 'roles'?")]
    public void Load_Jwt_Mistake_IsReportedInItsPlace(string options, string mistake) => Assert.Equal([mistake], Loader.Mistakes(Jwt + $"      {options}\n")
        .Select(line => line.Replace("6:7 guards.g.options:", "5:5 guards.g.options:", StringComparison.Ordinal)));

    [Fact]
    public void Read_X509_TakesFieldsAndRoles()
    {
        var guard = Assert.IsType<X509Guard>(Read("""
            type: x509
            options:
              identity: subject.cn
              attributes: {tenant: san.uri}
              roles:
                internal:
                  - {issuer.cn: Internal CA, subject.ou: Platform}
                  - {san.dns: "*.internal.example.com"}
            """));

        Assert.Equal(("subject.cn", "san.uri"), (guard.Identity, guard.Attributes["tenant"]));
        Assert.Equal("Platform", guard.Roles["internal"][0]["subject.ou"]);
        Assert.Equal("*.internal.example.com", guard.Roles["internal"][1]["san.dns"]);
        Assert.Equal("subject.dn", Assert.IsType<X509Guard>(Read("type: x509\n")).Identity);
    }

    [Theory]
    [InlineData("{identity: '1'}", "6:18 guards.g.options.identity: '1' is no field of a certificate: expected one such as subject.cn")]
    [InlineData("{attributes: {a: s o}}", "6:24 guards.g.options.attributes.a: 's o' is no field of a certificate: expected one such as subject.cn")]
    [InlineData("{roles: {r: []}}", "6:16 guards.g.options.roles.r: nothing gives this role: expected a list of mappings of fields to patterns")]
    [InlineData("{roles: {r: [{}]}}", "6:20 guards.g.options.roles.r[0]: names no field: every certificate would match")]
    public void Load_X509_Mistake_IsReportedInItsPlace(string options, string mistake) =>
        Assert.Equal([mistake], Loader.Mistakes(X509 + $"      {options}\n"));

    [Theory]
    [InlineData("options: {authorization: {i: {credentials: {headers: {authorization: 'Bearer {credentials}'}}}}}",
        "11:31 bindings.http0.options.authorization.i: the guard 'i' is of type inline and tells no client from another")]
    [InlineData("options: {authorization: {i: {credentials: {headers: {authorization: Bearer}}}}}",
        "11:31 bindings.http0.options.authorization.i: the guard 'i' is of type inline and tells no client from another",
        "11:74 bindings.http0.options.authorization.i.credentials.headers.authorization: expected '{credentials}' once, as in 'Bearer {credentials}'")]
    [InlineData("options: {authorization: {j: {credentials: {query: {token: '{username}{password}'}}}}}",
        "11:31 bindings.http0.options.authorization.j: no guard is named 'j'",
        "11:64 bindings.http0.options.authorization.j.credentials.query.token: expected '{credentials}' once, as in 'Bearer {credentials}'")]
    [InlineData("options: {authorization: {j: {}}}",
        "11:31 bindings.http0.options.authorization.j: 'credentials' is missing", "11:31 bindings.http0.options.authorization.j: no guard is named 'j'")]
    [InlineData("options: {authorization: {j: {credentials: {header: {}}}}}",
        "11:31 bindings.http0.options.authorization.j: no guard is named 'j'",
        "11:35 bindings.http0.options.authorization.j.credentials: names no header, query parameter or cookie",
        "11:49 bindings.http0.options.authorization.j.credentials.header: unknown key 'header'; did you mean 'headers'?")]
    public void Load_Authorization_Mistake_IsReportedInItsPlace(string line, params string[] mistakes) =>
        Assert.Equal(mistakes, Loader.Mistakes(Http + $"    {line}\n"));

    [Theory]
    [InlineData("guarded: {i: []}", "11:38 bindings.http0.routes[0].guarded.i: the guard 'i' is of type inline and tells no client from another")]
    [InlineData("guarded: {j: ['${method}:${path}', '${verb}', '']}", "11:38 bindings.http0.routes[0].guarded.j: no guard is named 'j'",
        "11:63 bindings.http0.routes[0].guarded.j[1]: there is no expression '${verb}' in roles: only '${method}' and '${path}'",
        "11:74 bindings.http0.routes[0].guarded.j[2]: a role's name is not empty")]
    [InlineData("guarded: {j: admin}", "11:38 bindings.http0.routes[0].guarded.j: no guard is named 'j'", "11:41 bindings.http0.routes[0].guarded.j: expected a list, found 'admin'")]
    public void Load_Guarded_Mistake_IsReportedInItsPlace(string guarded, params string[] mistakes) =>
        Assert.Equal(mistakes, Loader.Mistakes(Http + $"    routes: [{{exit: proxy, {guarded}}}]\n"));

    [Theory]
    [InlineData("topic: \"t-${guarded['i'].identity}\"", "the guard 'i' is of type inline and tells no client from another")]
    [InlineData("topic: t, filters: [{key: \"${guarded['j'].name}\"}]", "there is no expression '${guarded['j'].name}'")]
    [InlineData("topic: t, filters: [{headers: {h: \"${guarded['k'].identity}\"}}]", "no guard is named 'k'")]
    public void Load_GuardedExpression_Mistake_IsReported(string with, string mistake) =>
        Assert.EndsWith($": {mistake}", Assert.Single(Loader.Mistakes(Guarded.Replace("topic: t", with, StringComparison.Ordinal))), StringComparison.Ordinal);

    [Fact]
    public void Load_FileNamedByTheClient_IsAMistake() => Assert.Contains(
        Loader.Mistakes(Http.Replace("path: a", "path: \"${guarded['i'].identity}\"", StringComparison.Ordinal)),
        mistake => mistake.StartsWith("6:", StringComparison.Ordinal));

    [Fact]
    public void Compile_EdgeOfAGuardedServer_GetsTheGuardsOfClientsAlone()
    {
        var plans = PlanCompiler.Compile(Loader.LoadValid(Guarded), 1);

        Assert.Equal("j", Assert.Single(plans[ServiceNames.EdgeHttp].Guards).Name);
        Assert.Empty(plans[ServiceNames.KafkaCache].Guards);
        Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(PlanJson.Serialize(plans[ServiceNames.EdgeHttp])), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_KafkaClient_WithAGuardForClients_IsAMistake()
    {
        var mistakes = Loader.Mistakes("name: test\nguards: {j: {type: jwt, options: {keys: 'http://k'}}}\nbindings:\n  tcp0: {type: tcp, kind: client}\n  kafka0: {type: kafka, kind: client, exit: tcp0, options: {servers: ['h:1'],\n"
            + "    authorization: {j: {credentials: {mechanism: plain, username: a, password: b}}}}}\n");
        Assert.Contains("6:21 bindings.kafka0.options.authorization.j: the guard 'j' does not hold what a kafka client presents: expected one of type inline", mistakes);
    }

    [Theory]
    [InlineData("{g: {credentials: {certificates: pem}}}")]
    [InlineData("{g: {credentials: {certificates: der}}}", "authorization.g.credentials.certificates: 'der' is none of pem")]
    [InlineData("{g: {}}", "authorization.g: 'credentials' is missing")]
    [InlineData("{j: {credentials: {certificates: pem}}}", "authorization.j: the guard 'j' does not judge certificates: expected one of type x509")]
    [InlineData("{g: {credentials: {certificates: pem}}, j: {credentials: {certificates: pem}}}", "authorization.j: one guard decides about a tls binding, here is a second")]
    [InlineData("{g: {credentials: {certificates: pem}}}, mutual: none", "authorization: clients show no certificate: 'mutual' is none")]
    public void Load_TlsAuthorization_IsReadOrReported(string authorization, params string[] mistakes)
    {
        var yaml = """
            name: test
            guards: {g: {type: x509}, j: {type: jwt, options: {keys: "http://k"}}}
            vaults: {v: {type: filesystem, options: {keys: {store: k, password: p}, trust: {store: t, password: p}}}}
            bindings:
              tcp0: {type: tcp, kind: server, options: {port: 7114}, exit: tls0}
              tls0: {type: tls, kind: server, vault: v, options: {keys: [k], trust: [t], authorization: AUTHORIZATION}, exit: http0}
              http0: {type: http, kind: server, exit: files}
              files: {type: http-filesystem, kind: proxy, routes: [{exit: folder, guarded: {g: [a]}, with: {path: a}}]}
              folder: {type: filesystem, kind: server, options: {location: /}}
            """.Replace("AUTHORIZATION", authorization, StringComparison.Ordinal);

        Assert.Equal(mistakes, Loader.Mistakes(yaml).Select(line => line[(line.IndexOf("options.", StringComparison.Ordinal) + "options.".Length)..]));
    }

    [Fact]
    public void Load_CertificatesInRequests_IsAMistake() => Assert.Contains(
        Loader.Mistakes(Guarded.Replace("type: jwt, options: {issuer: \"https://auth.example.com\", audience: a}", "type: x509", StringComparison.Ordinal)),
        mistake => mistake.EndsWith("the guard 'j' is of type x509: it belongs to a tls server", StringComparison.Ordinal));

    private static GuardConfig Read(string yaml)
    {
        var findings = new Findings();
        var node = Assert.IsType<YamlMapping>(YamlDocument.Read(yaml, (raw, _) => raw, (_, message) => Assert.Fail(message)));
        findings.LookUpIn(node);
        var guard = GuardReader.Read("g", new MappingReader(node, ConfigurationPath.Root, findings));
        Assert.Empty(findings.Sorted());
        return guard;
    }
}
