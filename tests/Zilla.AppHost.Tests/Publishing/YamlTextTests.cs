using System.Text.Json.Nodes;
using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Tests.Publishing;

public sealed class YamlTextTests
{
    [Fact]
    public void Write_Everything_Golden() => Assert.Equal(
        """
        # One
        # Two
        text: plain
        list:
          - a: 1
            b: true
          - c: "1"
        empty: {}
        lines: |
          first
            second
        ---
        next: ${A:-b}

        """.ReplaceLineEndings("\n"),
        YamlText.Write(
            "One\nTwo",
            new YamlMap
            {
                { "text", "plain" },
                { "nothing", null },
                { "list", new[] { new YamlMap { { "a", 1 }, { "b", true } }, new YamlMap { { "c", "1" } } } },
                { "empty", new YamlMap() },
                { "lines", "first\n  second\n" },
            },
            new YamlMap { { "next", "${A:-b}" } }));

    [Theory]
    [InlineData("1")]
    [InlineData("-1.5e3")]
    [InlineData(".5")]
    [InlineData("0.0.0.0")]
    [InlineData("7114:7114")]
    [InlineData("2026-01-01")]
    [InlineData("yes")]
    [InlineData("No")]
    [InlineData("off")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("y")]
    public void Write_TextThatLooksLikeSomethingElse_IsQuoted(string text) => Assert.Equal($"# c\na: \"{text}\"\n", YamlText.Write("c", new YamlMap { { "a", text } }));

    [Theory]
    [InlineData("# no comment")]
    [InlineData("a: b")]
    [InlineData("{x}")]
    [InlineData("'quoted' \"twice\"")]
    [InlineData("  spaces  ")]
    [InlineData("tab\tand\nlines \n\n  and no end")]
    [InlineData("\n leading")]
    [InlineData("trailing\n\n\n")]
    [InlineData("- dash")]
    [InlineData("*alias &anchor !tag %directive @at `tick`")]
    [InlineData("über ✓")]
    public void Write_AnyText_ReadsTheSame(string text)
    {
        var read = Assert.Single(YamlReader.Read(YamlText.Write("c", new YamlMap { { "a", text } })));

        Assert.Equal(text, read["a"]!.GetValue<string>());
    }

    [Fact]
    public void Write_Documents_AreReadAsMany() =>
        Assert.Equal(["1", "2"], YamlReader.Read(YamlText.Write("c", new YamlMap { { "a", "1" } }, new YamlMap { { "a", "2" } })).Select(d => ((JsonNode)d)["a"]!.GetValue<string>()));
}
