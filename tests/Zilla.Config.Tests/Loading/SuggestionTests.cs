using Zilla.Config.Loading;

namespace Zilla.Config.Tests.Loading;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("exit", "exit", 0)]
    [InlineData("exitt", "exit", 1)]
    [InlineData("hots", "host", 1)]
    [InlineData("EXIT", "exit", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_OfTwoWords(string one, string other, int distance)
    {
        Assert.Equal(distance, Suggestion.Distance(one, other));
        Assert.Equal(distance, Suggestion.Distance(other, one));
    }

    [Theory]
    [InlineData("optoins", "; did you mean 'options'?")]
    [InlineData("b", "")]
    [InlineData("telemetry", "")]
    public void For_Word_NamesTheNearest(string word, string expected) => Assert.Equal(expected, Suggestion.For(word, ["exit", "options", "a", "routes"]));

    [Fact]
    public void For_AnEndlessWord_IsNothing() => Assert.Equal("", Suggestion.For(new string('a', 100_000), [new string('a', 100_000)]));
}
