using Zilla.Edge.Routing;

namespace Zilla.Edge.Tests.Routing;

public sealed class TemplateTests
{
    private static readonly PathParameters Parameters = new([new("id", "17"), new("user", "${params.id}")]);

    [Theory]
    [InlineData("", "")]
    [InlineData("literal", "literal")]
    [InlineData("${params.id}", "17")]
    [InlineData("item-${params.id}-${idempotencyKey}.", "item-17-key.")]
    [InlineData("$ {params.id} $", "$ {params.id} $")]
    [InlineData("${params.user}", "${params.id}")] // what a client sends is never parsed again
    [InlineData("${params.other}", "")]
    public void Render_Expressions_Replaced(string text, string expected) =>
        Assert.Equal(expected, Template.Compile(text, ["id", "user", "other"], idempotencyKey: true).Render(Parameters, "key"));

    [Theory]
    [InlineData("${params.unbound}", "unbound")]
    [InlineData("${guarded['x'].identity}", "guarded")]
    [InlineData("${}", "${}")]
    [InlineData("${params.id", "closed")]
    [InlineData("${idempotencyKey}", "idempotencyKey")]
    public void Compile_Unknown_RefusedNamingIt(string text, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Template.Compile(text, ["id"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("orders", true)]
    [InlineData("a.b_c-D9", true)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("a%20b", false)]
    public void TopicTemplate_Render_OnlyWhatKafkaTakes(string topic, bool valid) =>
        Assert.Equal(valid ? topic : null, TopicTemplate.Compile("${params.t}", ["t"]).Render(new PathParameters([new("t", topic)])));

    [Fact]
    public void TopicTemplate_Render_TooLong_Null() =>
        Assert.Null(TopicTemplate.Compile("${params.t}", ["t"]).Render(new PathParameters([new("t", new string('a', 250))])));
}
