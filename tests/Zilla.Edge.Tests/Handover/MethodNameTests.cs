using Zilla.Edge.Handover;

namespace Zilla.Edge.Tests.Handover;

public sealed class MethodNameTests
{
    [Theory]
    [InlineData("a.b_1.C/D2", true)]
    [InlineData("C/D", true)]
    [InlineData("", false)]
    [InlineData("/", false)]
    [InlineData("C", false)]
    [InlineData("C/", false)]
    [InlineData("/D", false)]
    [InlineData("a..C/D", false)]
    [InlineData(".C/D", false)]
    [InlineData("../D", false)]
    [InlineData("C/..", false)]
    [InlineData("C/D/E", false)]
    [InlineData("/elsewhere.example/D", false)]
    [InlineData("C/D?e", false)]
    [InlineData("C/%44", false)]
    [InlineData("C\\D/E", false)]
    [InlineData("Ç/D", false)]
    public void IsSound(string name, bool expected) => Assert.Equal(expected, MethodName.IsSound(name));
}
