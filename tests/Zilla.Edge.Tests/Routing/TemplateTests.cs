using Zilla.Edge.Guards;
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
    [InlineData("${guarded['x'].name}", "guarded")]
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

    [Theory]
    [InlineData("items", "items")]
    [InlineData("no topic", null)]
    public void TopicTemplate_Render_Literal_IsCheckedAsWell(string topic, string? rendered)
    {
        var template = TopicTemplate.Compile(topic, []);
        Assert.True(template.IsLiteral);
        Assert.Equal(rendered, template.Render(PathParameters.None));
    }

    [Fact]
    public void TopicTemplate_Render_TooLong_Null() =>
        Assert.Null(TopicTemplate.Compile("${params.t}", ["t"]).Render(new PathParameters([new("t", new string('a', 250))])));

    [Fact]
    public void Render_Guarded_TheClientsOwnValues_NeverReadAgain()
    {
        var template = Template.Compile("${guarded['g'].identity}/${params.a}/${guarded['g'].attributes.t}", ["a"]);
        var grant = new Grant("g", "${params.a}") { Attributes = new Dictionary<string, string> { ["t"] = "t/1" } };
        var parameters = new PathParameters([new("a", "x")]).With(Grants.None.With(grant));

        Assert.Equal("${params.a}/x/t/1", template.Render(parameters));
        Assert.Equal("%24%7Bparams.a%7D/x/t%2F1", template.Render(parameters.Escaped()));
    }

    [Fact]
    public void Render_GuardedByNobody_Throws()
    {
        var template = Template.Compile("${guarded['g'].identity}", []);

        Assert.Throws<InvalidOperationException>(() => template.Render(PathParameters.None));
        Assert.Throws<InvalidOperationException>(() => template.Render(PathParameters.None.With(Grants.None.With(new Grant("other", "alice")))));
    }
}
