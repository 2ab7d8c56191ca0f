using Zilla.Config.Tests.Loading;

namespace Zilla.Config.Tests.Validation;

/// <summary>What an edge could not compile is a mistake with a place, not a plan that is refused.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("http", "when: [{headers: {':path': '/a/{id'}}]", "headers.:path: '{' without '}'")]
    [InlineData("http", "when: [{headers: {x-tenant: '{a}{a}'}}]", "headers.x-tenant: '{a}' is bound twice")]
    [InlineData("tls", "when: [{authority: '{a b}.example'}]", "authority: '{a b}' is no parameter: letters, digits, '_' and '-' only")]
    [InlineData("proxy", "when: [{info: {authority: '{'}}]", "info.authority: '{' without '}'")]
    [InlineData("ws", "when: [{path: '/{'}]", "path: '{' without '}'")]
    [InlineData("mqtt", "when: [{session: [{client-id: '{'}]}]", "session[0].client-id: '{' without '}'")]
    public void Load_MalformedPatternOfARoute_HasItsPlace(string type, string when, string mistake) => Assert.Contains(
        $"bindings.a.routes[0].when[0].{mistake}",
        Loader.Load($"name: test\nbindings:\n  a: {{type: {type}, kind: server, routes: [{{exit: b, {when}}}]}}\n").Errors.Select(error => $"{error.Path}: {error.Message}"));

    [Fact]
    public void Load_MalformedPatternElsewhere_HasItsPlace() => Assert.Equal(
        [
            "3:54 guards.g.options.roles.r[0]['subject.cn']: '{' without '}'",
            "5:58 bindings.a.options.sni[0]: '{}' is no parameter: letters, digits, '_' and '-' only",
        ],
        Loader.Mistakes("name: test\nguards:\n  g: {type: x509, options: {roles: {r: [{subject.cn: 'a{'}]}}}\n"
            + "bindings:\n  a: {type: tls, kind: server, vault: v, options: {sni: ['{}']}}\n").Where(mistake => mistake.Contains('{', StringComparison.Ordinal)));
}
