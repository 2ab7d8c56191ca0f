using System.Diagnostics;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Tests.Routing;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/items", "/items", true)]
    [InlineData("/items", "/items/", false)]
    [InlineData("/items", "/item", false)]
    [InlineData("/items", "/ITEMS", false)]
    [InlineData("/items", "/items?x=1", false)]
    [InlineData("/a.b", "/axb", false)]
    [InlineData("/a.b", "/a.b", true)]
    [InlineData("/items/*", "/items/", true)]
    [InlineData("/items/*", "/items/a/b", true)]
    [InlineData("/items/*", "/items", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("/*/x/*", "/a/x/b/x/c", true)]
    [InlineData("/*/x/*", "/a/y/b", false)]
    [InlineData("/items/{id}", "/items/", false)]
    [InlineData("/items/{id}", "/items/1", true)]
    [InlineData("/(a|b)+[c]", "/(a|b)+[c]", true)]
    [InlineData("", "", true)]
    [InlineData("", "x", false)]
    public void IsMatch_WholeText_AsTheReferenceSays(string pattern, string text, bool expected) =>
        Assert.Equal(expected, PathPattern.Compile(pattern).IsMatch(text));

    [Theory]
    [InlineData("/items/{id}", "/items/a/b?c", "id=a/b?c")] // greedy, spans the slash
    [InlineData("/{a}/{b}", "/1/2/3", "a=1/2 b=3")]
    [InlineData("/{a}{b}", "/123", "a=12 b=3")]
    [InlineData("/{a}/x/*", "/1/x/2/x/3", "a=1/x/2")]
    [InlineData("/t/{topic}/k/{key}", "/t/orders/k/17", "topic=orders key=17")]
    [InlineData("*{last}", "abc", "last=c")]
    [InlineData("/items/{id}", "/items/a%20b", "id=a%20b")]
    public void TryMatch_Names_BindGreedilyFromTheLeft(string pattern, string text, string expected)
    {
        var compiled = PathPattern.Compile(pattern);

        Assert.True(compiled.TryMatch(text, out var parameters));
        Assert.Equal(expected, string.Join(' ', compiled.Names.Select(n => $"{n}={parameters[n]}")));
    }

    [Theory]
    [InlineData("/items", "/items?x=1", true)]
    [InlineData("/items", "/items?", true)]
    [InlineData("/items", "/items2?x=1", false)]
    [InlineData("/items/*", "/items?x=1", false)]
    [InlineData("/items/*", "/items/1?x=1", true)]
    [InlineData("/items?x=1", "/items?x=1", true)]
    public void CompileHttpPath_Query_ToleratedUnlessThePatternEndsInAWildcard(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PathPattern.CompileHttpPath(pattern).IsMatch(path));

    [Theory]
    [InlineData("/{id")]
    [InlineData("/{}")]
    [InlineData("/{a b}")]
    [InlineData("/{id}/{id}")]
    public void Compile_Malformed_Refused(string pattern) => Assert.Throws<FormatException>(() => PathPattern.Compile(pattern));

    [Fact]
    public void IsMatch_AgreesWithARegularExpression_OnRandomTexts()
    {
        var random = new Random(7);
        string[] patterns = ["a*b", "*a*b*", "{x}a{y}", "a{x}*b", "ab*{x}b*a", "*", "{x}", "a.b*"];
        foreach (var pattern in patterns)
        {
            var compiled = PathPattern.Compile(pattern);
            var expression = "^(?s:" + System.Text.RegularExpressions.Regex.Replace(
                pattern.Replace(".", "\\.").Replace("*", ".*"), @"\{(\w+)\}", "(?<$1>.+)") + ")$";
            for (var i = 0; i < 500; i++)
            {
                var text = new string([.. Enumerable.Range(0, random.Next(9)).Select(_ => "ab."[random.Next(3)])]);
                var expected = System.Text.RegularExpressions.Regex.Match(text, expression);
                Assert.True(expected.Success == compiled.TryMatch(text, out var parameters), $"{pattern} on {text}");
                Assert.All(compiled.Names, name => Assert.Equal(expected.Success ? expected.Groups[name].Value : null, parameters[name]));
            }
        }
    }

    [Fact]
    public void IsMatch_HostileText_TakesNoExponentialTime()
    {
        var pattern = PathPattern.Compile("{x}" + string.Concat(Enumerable.Repeat("*a", 12)) + "b");
        var started = Stopwatch.GetTimestamp();

        Assert.False(pattern.IsMatch(new string('a', 20_000)));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60)); // not for ever
    }
}
