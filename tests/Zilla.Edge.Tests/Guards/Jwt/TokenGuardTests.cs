using Zilla.Config.Guards;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.Jwt;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Guards.Jwt;

public sealed class TokenGuardTests
{
    private static readonly TestIssuer Issuer = new();
    private static readonly TestIssuer Stranger = new();

    private readonly ManualTime _time = new(TestIssuer.Now);
    private readonly CapturedLog _log = new();

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Judge_GoodToken_Granted(string algorithm)
    {
        var grant = await GrantAsync(Issuer.Token(TestIssuer.Claims(), algorithm));

        Assert.Equal(("guard", "alice"), (grant.Guard, grant.Identity));
        Assert.Equal(["read", "write"], grant.Roles.Order());
        Assert.Equal(TestIssuer.Now.AddSeconds(3600 + 2), grant.Expires);
        Assert.Equal(TestIssuer.Now.AddSeconds(3600 - 30), grant.Challenge);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("""{"exp":1767225598}""", Refusal.Expired)] // now − skew
    [InlineData("""{"exp":0}""", Refusal.Expired)]
    [InlineData("""{"exp":-1e300}""", Refusal.Malformed)]
    [InlineData("""{"exp":"2099-01-01"}""", Refusal.Malformed)]
    [InlineData("""{"nbf":1767225603}""", Refusal.NotYetValid)] // now + skew + 1
    [InlineData("""{"nbf":1e300}""", Refusal.Malformed)]
    [InlineData("""{"nbf":250000000000}""", Refusal.NotYetValid)]
    [InlineData("""{"iss":"https://auth.example/"}""", Refusal.Issuer)]
    [InlineData("""{"iss":null}""", Refusal.Issuer)]
    [InlineData("""{"iss":["https://auth.example"]}""", Refusal.Malformed)]
    [InlineData("""{"aud":"https://other.example"}""", Refusal.Audience)]
    [InlineData("""{"aud":[]}""", Refusal.Audience)]
    [InlineData("""{"aud":null}""", Refusal.Audience)]
    public async Task Judge_ClaimThatIsWrong_ThatReason(string claims, Refusal reason) => await RefusedAsync(Issuer.Token(TestIssuer.Claims(claims)), reason);

    [Theory]
    [InlineData("""{"exp":1767225599}""")] // within the skew
    [InlineData("""{"nbf":1767225602}""")]
    [InlineData("""{"nbf":1767225600.5,"exp":1767225600.5}""")]
    [InlineData("""{"aud":["https://other.example","https://api.example"]}""")]
    public async Task Judge_ClaimThatJustDoes_Granted(string claims) => await GrantAsync(Issuer.Token(TestIssuer.Claims(claims)));

    [Fact]
    public async Task Judge_NoExpiry_GrantedForEver()
    {
        var grant = await GrantAsync(Issuer.Token("""{"iss":"https://auth.example","aud":"https://api.example"}"""));

        Assert.Equal((null, null, null), (grant.Identity, grant.Expires, grant.Challenge));
        Assert.Empty(grant.Roles);
    }

    [Theory]
    [InlineData("none", "rsa", Refusal.Algorithm)]
    [InlineData("None", "rsa", Refusal.Algorithm)]
    [InlineData("", "rsa", Refusal.Algorithm)]
    [InlineData("HS256", "rsa", Refusal.Algorithm)]
    [InlineData("RS512", "rsa", Refusal.Algorithm)] // the key says RS256
    [InlineData("ES256", "rsa", Refusal.Algorithm)]
    [InlineData("RS256", "ec", Refusal.Algorithm)]
    [InlineData("RS256", "other", Refusal.UnknownKey)]
    [InlineData("RS256", "", Refusal.UnknownKey)]
    public async Task Judge_AlgorithmOrKeyThatIsNotTheIssuers_ThatReason(string algorithm, string kid, Refusal reason) =>
        await RefusedAsync(Issuer.Token(TestIssuer.Claims(), algorithm, kid), reason);

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Judge_SignedByAnother_Signature(string algorithm)
    {
        await RefusedAsync(Stranger.Token(TestIssuer.Claims(), algorithm), Refusal.Signature);
        var token = Issuer.Token(TestIssuer.Claims(), algorithm).Split('.');
        await RefusedAsync($"{token[0]}.{TestIssuer.Encode(TestIssuer.Claims("""{"sub":"bob"}"""))}.{token[2]}", Refusal.Signature);
        await RefusedAsync($"{token[0]}.{token[1]}.", Refusal.Signature);
    }

    [Fact]
    public async Task Judge_TokenCutAnywhere_Refused()
    {
        var token = Issuer.Token(TestIssuer.Claims(), "ES256");
        var guard = Guard();
        for (var length = 0; length < token.Length; length++)
        {
            Assert.Null((await guard.JudgeAsync(token[..length], CancellationToken.None)).Grant);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("e30.e30.e30")]
    [InlineData("W10.W10.W10")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("Basic YTpi")]
    public async Task Judge_NoToken_Refused(string credentials) => Assert.Null((await Guard().JudgeAsync(credentials, CancellationToken.None)).Grant);

    [Fact]
    public async Task Judge_PayloadThatIsNoObject_Malformed() => await RefusedAsync(Issuer.Token("[1]"), Refusal.Malformed);

    [Fact]
    public async Task Judge_ExtensionThatMustBeUnderstood_Malformed() =>
        await RefusedAsync(Issuer.Token(TestIssuer.Claims(), header: """{"crit":["b64"],"b64":false}"""), Refusal.Malformed);

    [Theory]
    [InlineData("""{"scope":["read items","write"]}""", "scope", "read items|write")]
    [InlineData("""{"scope":7}""", "scope", "")]
    [InlineData("""{"realm_access":{"roles":["a","b",3]}}""", "realm_access.roles", "a|b")]
    [InlineData("""{"realm_access":{"roles":"a  b"}}""", "realm_access.roles", "a|b")]
    [InlineData("""{"realm_access.roles":"named"}""", "realm_access.roles", "named")]
    [InlineData("""{"realm_access":[]}""", "realm_access.roles", "")]
    public async Task Judge_RolesClaim_Read(string claims, string path, string roles)
    {
        var grant = await GrantAsync(Issuer.Token(TestIssuer.Claims(claims)), rules => rules with { Roles = path });

        Assert.Equal(roles, string.Join('|', grant.Roles.Order()));
    }

    [Fact]
    public async Task Judge_IssuerAndAudienceNotConfigured_AnythingGoes() =>
        await GrantAsync(Issuer.Token("{}"), rules => rules with { Issuer = null, Audience = null });

    [Fact]
    public async Task Judge_IdentityAndAttributes_Read()
    {
        var grant = await GrantAsync(
            Issuer.Token(TestIssuer.Claims("""{"user":{"mail":"a@b.c"},"tenant":"t1","level":3,"admin":true,"empty":"","list":["x"]}""")),
            rules => rules with
            {
                Identity = "user.mail",
                Attributes = new Dictionary<string, string>
                {
                    ["tenant"] = "tenant",
                    ["level"] = "level",
                    ["admin"] = "admin",
                    ["empty"] = "empty",
                    ["list"] = "list",
                    ["none"] = "user.name",
                },
            });

        Assert.Equal("a@b.c", grant.Identity);
        Assert.Equal(["admin=true", "level=3", "tenant=t1"], grant.Attributes.Select(a => $"{a.Key}={a.Value}").Order());
    }

    [Theory]
    [InlineData("""{"sub":""}""")]
    [InlineData("""{"sub":null}""")]
    public async Task Judge_NoIdentity_NeverEmptyAndNotChallenged(string claims)
    {
        var grant = await GrantAsync(Issuer.Token(TestIssuer.Claims(claims)));

        Assert.Equal((null, null), (grant.Identity, grant.Challenge));
    }

    private async Task<Grant> GrantAsync(string token, Func<JwtGuard, JwtGuard>? configure = null)
    {
        var verdict = await Guard(configure).JudgeAsync(token, CancellationToken.None);
        Assert.Equal(Refusal.None, verdict.Refusal);
        return verdict.Grant!;
    }

    /// <summary>For that reason, which the log has, and nothing of the token.</summary>
    private async Task RefusedAsync(string token, Refusal reason)
    {
        var before = _log.Lines.Count();
        var verdict = await Guard().JudgeAsync(token, CancellationToken.None);

        Assert.Equal((null, reason), (verdict.Grant, verdict.Refusal));
        Assert.Equal($"Information Guard guard refuses credentials: {reason}", Assert.Single(_log.Lines.Skip(before)));
    }

    private TokenGuard Guard(Func<JwtGuard, JwtGuard>? configure = null)
    {
        var rules = new JwtGuard { Name = "guard", Issuer = TestIssuer.Issuer, Audience = TestIssuer.Audience, Challenge = TimeSpan.FromSeconds(30) };
        return new TokenGuard(configure?.Invoke(rules) ?? rules, new InlineKeys(SigningKeys.Parse(Issuer.Keys)), TimeSpan.FromSeconds(2), _time, _log);
    }
}
