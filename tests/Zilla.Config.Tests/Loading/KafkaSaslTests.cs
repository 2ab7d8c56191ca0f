using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>How a kafka client says who it is, in both dialects (reference §0).</summary>
public sealed class KafkaSaslTests
{
    private const string Chain = "name: test\nbindings:\n  client0: {type: kafka, kind: cache_client, exit: server0}\n  server0: {type: kafka, kind: cache_server, exit: kafka0}\n"
        + "  tcp0: {type: tcp, kind: client}\n  kafka0:\n    type: kafka\n    kind: client\n    exit: tcp0\n    options:\n      servers: ['h:1']\n";

    private const string Guard = "guards:\n  g: {type: inline, options: {identity: alice, credentials: 'pa{identity}ss'}}\n";

    [Theory]
    [InlineData("plain", KafkaSaslMechanism.Plain)]
    [InlineData("scram-sha-256", KafkaSaslMechanism.ScramSha256)]
    [InlineData("scram-sha-512", KafkaSaslMechanism.ScramSha512)]
    public void Load_Sasl_IsInTheCachesPlanAlone(string written, KafkaSaslMechanism mechanism)
    {
        var plans = PlanCompiler.Compile(Loader.LoadValid(Chain + $"      sasl: {{mechanism: {written}, username: alice, password: '${{{{env.PASSWORD}}}}'}}\n", ("PASSWORD", "secret")), 1);

        Assert.Equal(new KafkaSasl { Mechanism = mechanism, Username = "alice", Password = "secret" }, plans[ServiceNames.KafkaCache].CachedClusters.Single().Sasl);
        Assert.All(plans.Where(plan => plan.Key != ServiceNames.KafkaCache), plan => Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(PlanJson.Serialize(plan.Value)), StringComparison.Ordinal));
        var travelled = PlanJson.Deserialize(PlanJson.Serialize(plans[ServiceNames.KafkaCache]));
        Assert.Equal(plans[ServiceNames.KafkaCache].CachedClusters[0].Sasl, travelled.CachedClusters[0].Sasl);
        Assert.DoesNotContain("secret", travelled.CachedClusters[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Authorization_TakesTheGuardsIdentityAndCredentials()
    {
        var configuration = Loader.LoadValid(Chain + "      authorization: {g: {credentials: {mechanism: scram-sha-256, username: 'u-{identity}', password: '{credentials}'}}}\n" + Guard);

        // What the guard holds is text, whatever it looks like.
        Assert.Equal(
            new KafkaSasl { Mechanism = KafkaSaslMechanism.ScramSha256, Username = "u-alice", Password = "pa{identity}ss" },
            PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].CachedClusters.Single().Sasl);
    }

    [Fact]
    public void Load_OAuthBearer_TakesTheToken()
    {
        var configuration = Loader.LoadValid(Chain + "      authorization: {g: {credentials: {mechanism: oauthbearer, token: '{credentials}'}}}\n" + Guard);

        Assert.Equal(
            new KafkaSasl { Mechanism = KafkaSaslMechanism.OAuthBearer, Token = "pa{identity}ss" },
            PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].CachedClusters.Single().Sasl);
    }

    [Theory]
    [InlineData("sasl: {username: a, password: b}", "", "12:7 bindings.kafka0.options.sasl: 'mechanism' is missing")]
    [InlineData("sasl: {mechanism: scram-sha-1, username: a, password: b}", "", "12:25 bindings.kafka0.options.sasl.mechanism: 'scram-sha-1' is none of plain, scram-sha-256, scram-sha-512; did you mean 'scram-sha-512'?")]
    [InlineData("sasl: {mechanism: plain, username: a}", "", "12:7 bindings.kafka0.options.sasl: 'password' is missing")]
    [InlineData("sasl: {mechanism: plain, username: a, password: b, token: c}", "", "12:58 bindings.kafka0.options.sasl.token: 'token' is for oauthbearer alone")]
    [InlineData("sasl: {mechanism: plain, username: a, pasword: b}", "", "12:7 bindings.kafka0.options.sasl: 'password' is missing|12:45 bindings.kafka0.options.sasl.pasword: unknown key 'pasword'; did you mean 'password'?")]
    [InlineData("authorization: {g: {}}", Guard, "12:23 bindings.kafka0.options.authorization.g: 'credentials' is missing")]
    [InlineData("authorization: {h: {credentials: {mechanism: plain, username: a, password: b}}}", Guard, "12:23 bindings.kafka0.options.authorization.h: no guard is named 'h'")]
    [InlineData("authorization: {g: {credentials: {mechanism: oauthbearer, username: a, token: b}}}", Guard, "12:65 bindings.kafka0.options.authorization.g.credentials.username: 'username' is not for oauthbearer")]
    [InlineData("# none", "guards:\n  g: {type: inline, options: {identity: a, format: json}}\n", "14:44 guards.g.options.format: 'format' is not supported yet")]
    public void Load_Mistake_IsReportedInItsPlace(string option, string guards, string mistakes) =>
        Assert.Equal(mistakes.Split('|'), Loader.Mistakes(Chain + "      " + option + "\n" + guards));

    [Theory]
    [InlineData("password: secret\n", "password: '***'\n")]
    [InlineData("password: \"sec\\nret\" # why\n", "password: '***' # why\n")]
    [InlineData("password: |\n          sec\n          ret\n", "password: '***'\n")]
    [InlineData("password: ${{env.PASSWORD}}\n", "password: ${{env.PASSWORD}}\n")]
    [InlineData("password: pre${{env.PASSWORD}}\n", "password: '***'\n")]
    public void ShownText_Password_IsMaskedUnlessItIsAReference(string written, string shown)
    {
        const string Sasl = "      sasl:\n        mechanism: plain\n        username: \U0001F600\n        ";
        var result = Loader.Load(Chain + Sasl + written + Guard, ("PASSWORD", "x"));

        Assert.Equal(Chain + Sasl + shown + Guard.Replace("'pa{identity}ss'", "'***'", StringComparison.Ordinal), result.ShownText);
    }
}
