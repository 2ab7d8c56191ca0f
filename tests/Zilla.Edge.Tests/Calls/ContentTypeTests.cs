using Zilla.Edge.Calls;

namespace Zilla.Edge.Tests.Calls;

public sealed class ContentTypeTests
{
    [Theory]
    [InlineData("application/grpc", CallForm.Grpc)]
    [InlineData("application/grpc+proto", CallForm.Grpc)]
    [InlineData("application/grpc;charset=utf-8", CallForm.Grpc)]
    [InlineData("application/grpc-web", CallForm.Web)]
    [InlineData("application/grpc-web+proto", CallForm.Web)]
    [InlineData("application/grpc-web-text+proto", CallForm.WebText)]
    [InlineData("Application/JSON; charset=utf-8", CallForm.Json)]
    public void ContentType_IsKnown(string header, CallForm form)
    {
        Assert.True(ContentType.TryParse(header, out var parsed));
        Assert.Equal(form, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/grpc+json")]
    [InlineData("application/grpcx")]
    [InlineData("application/json+proto")]
    [InlineData("text/plain")]
    public void ContentType_OfNoCall_IsRefused(string? header) => Assert.False(ContentType.TryParse(header, out _));

    [Theory]
    [InlineData("application/grpc+flatbuffers", CallForm.Grpc)]
    [InlineData("application/grpc-web-text+thrift; charset=utf-8", CallForm.WebText)]
    [InlineData("application/grpcx", null)]
    [InlineData("application/json+proto", null)]
    [InlineData(null, null)]
    public void Form_IsThatOfMessagesInAnyFormat(string? header, CallForm? form) => Assert.Equal(form, ContentType.FormOf(header));
}
