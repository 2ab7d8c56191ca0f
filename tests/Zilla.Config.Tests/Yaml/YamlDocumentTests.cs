using System.Text;
using Zilla.Config.Yaml;

namespace Zilla.Config.Tests.Yaml;

public sealed class YamlDocumentTests
{
    [Fact]
    public void Read_Nodes_KnowTheirPlace()
    {
        var root = Assert.IsType<YamlMapping>(Read("# comment\n---\na: 1\nbb:\n  - x\n  -   'y'\nc: {d: e}\n"));

        Assert.Equal(new YamlMark(3, 1), root.Find("a")!.Key.Start);
        Assert.Equal(new YamlMark(3, 4), root.Find("a")!.Value.Start);
        var list = Assert.IsType<YamlSequence>(root.Find("bb")!.Value);
        Assert.Equal([new YamlMark(5, 5), new YamlMark(6, 7)], list.Items.Select(item => item.Start));
        Assert.Equal(new YamlMark(7, 8), Assert.IsType<YamlMapping>(root.Find("c")!.Value).Find("d")!.Value.Start);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n...\n")]
    [InlineData("~")]
    public void Read_NothingAtAll_IsNull(string text) => Assert.Null(Read(text));

    [Theory]
    [InlineData("a", false)]
    [InlineData("~", true)]
    [InlineData("null", true)]
    [InlineData("'null'", false)]
    [InlineData("''", false)]
    [InlineData("", true)]
    public void Read_Scalar_TellsNullFromText(string value, bool isNull) =>
        Assert.Equal(isNull, Assert.IsType<YamlScalar>(Assert.IsType<YamlMapping>(Read($"k: {value}\n")).Find("k")!.Value).IsNull);

    [Fact]
    public void Read_Alias_IsWhatItStandsFor()
    {
        var root = Assert.IsType<YamlMapping>(Read("a: &x {k: v}\nb: *x\n"));
        Assert.Same(root.Find("a")!.Value, root.Find("b")!.Value);
    }

    [Theory]
    [InlineData("a: 1\na: 2\n", 2, 1, "the key 'a' is given twice")]
    [InlineData("? [a]\n: 1\n", 1, 3, "a key has to be text, not a list")]
    [InlineData("~: 1\n", 1, 1, "a key has to be text, not nothing")]
    public void Read_BadKey_IsReportedAndTheRestIsRead(string text, int line, int column, string message)
    {
        var reports = new List<(YamlMark, string)>();
        Assert.NotNull(YamlDocument.Read(text + "good: yes\n", (raw, _) => raw, (mark, report) => reports.Add((mark, report))));
        Assert.Equal([(new YamlMark(line, column), message)], reports);
    }

    [Theory]
    [InlineData("a: 1\n---\nb: 2\n", "the file holds a second document")]
    [InlineData("a: *nowhere\n", "the alias '*nowhere' has no anchor before it")]
    [InlineData("a: &x [*x]\n", "the alias '*x' has no anchor before it")]
    [InlineData("a: [1, 2\n", "not valid YAML")]
    [InlineData("a: 1\n b: 2\n", "not valid YAML")]
    [InlineData("a: \"\\q\"\n", "not valid YAML")]
    public void Read_WhatIsNoSingleDocument_IsRefused(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<YamlRefusedException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AliasesOfAliases_AreCountedAsWhatTheyStandFor()
    {
        // Nine lists of nine: 9^9 values in 500 bytes.
        var text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var level = 1; level < 9; level++)
        {
            text.Append($"a{level}: &a{level} [{string.Join(",", Enumerable.Repeat($"*a{level - 1}", 9))}]\n");
        }

        Assert.StartsWith("more than 200000 values", Assert.Throws<YamlRefusedException>(() => Read(text.ToString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AliasesOfALongText_AreCountedAsWhatTheyStandFor()
    {
        var text = $"a: &a {new string('x', 500_000)}\nb: [{string.Join(",", Enumerable.Repeat("*a", 9))}]\n";
        Assert.StartsWith("more than 4194304 characters", Assert.Throws<YamlRefusedException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 1_000_000)]
    [InlineData("{a: ", 200_000)]
    [InlineData("- ", 500_000)]
    public void Read_DeepNesting_IsRefusedEarly(string open, int times) =>
        Assert.Equal("nested deeper than 64 levels", Assert.Throws<YamlRefusedException>(() => Read(string.Concat(Enumerable.Repeat(open, times)))).Message);

    [Fact]
    public void Read_TooLargeText_IsRefused() =>
        Assert.StartsWith("the file is larger than", Assert.Throws<YamlRefusedException>(() => Read(new string('#', YamlDocument.MaxCharacters + 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_TooManyValues_IsRefused() =>
        Assert.StartsWith("more than 200000 values", Assert.Throws<YamlRefusedException>(() => Read("[" + string.Concat(Enumerable.Repeat("a,", 200_001)) + "]")).Message, StringComparison.Ordinal);

    private static YamlNode? Read(string text) => YamlDocument.Read(text, (raw, _) => raw, (mark, message) => Assert.Fail($"{mark}: {message}"));
}
