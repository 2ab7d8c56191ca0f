using Microsoft.AspNetCore.Http;
using Zilla.Edge.Calls;
using Zilla.Streams.V1;
using Status = Zilla.Edge.Calls.Status;

namespace Zilla.Edge.Tests.Calls;

/// <summary>How calls end, and how it is said.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("no such topic", "no such topic")]
    [InlineData("50 % für\n", "50 %25 f%C3%BCr%0A")]
    [InlineData("", "")]
    [InlineData("😀", "%F0%9F%98%80")]
    public void StatusMessage_ThereAndBack(string message, string encoded)
    {
        Assert.Equal(encoded, StatusMessage.Encode(message));
        Assert.Equal(message, StatusMessage.Decode(encoded));
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%zz %4", "%zz %4")]
    [InlineData("%41", "A")]
    [InlineData("%+1%-1", "%+1%-1")]
    public void StatusMessage_NotWellEncoded_StaysAsItIs(string encoded, string message) => Assert.Equal(message, StatusMessage.Decode(encoded));

    [Fact]
    public void Fields_AreTheCodeAndWhatThereIsToSay()
    {
        Assert.Equal([new("grpc-status", "0")], Status.Ok.Fields);
        Assert.Equal([new("grpc-status", "8"), new("grpc-message", "100 %25")], new Status(StatusCode.ResourceExhausted, "100 %").Fields);
    }

    [Theory]
    [InlineData(StatusCodes.Status400BadRequest, StatusCode.Internal)]
    [InlineData(StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated)]
    [InlineData(StatusCodes.Status403Forbidden, StatusCode.PermissionDenied)]
    [InlineData(StatusCodes.Status404NotFound, StatusCode.Unimplemented)]
    [InlineData(StatusCodes.Status408RequestTimeout, StatusCode.DeadlineExceeded)]
    [InlineData(StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted)]
    [InlineData(StatusCodes.Status429TooManyRequests, StatusCode.ResourceExhausted)]
    [InlineData(StatusCodes.Status431RequestHeaderFieldsTooLarge, StatusCode.ResourceExhausted)]
    [InlineData(StatusCodes.Status500InternalServerError, StatusCode.Unknown)]
    [InlineData(StatusCodes.Status502BadGateway, StatusCode.Unavailable)]
    [InlineData(StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable)]
    [InlineData(StatusCodes.Status504GatewayTimeout, StatusCode.DeadlineExceeded)]
    public void Status_OfHttp(int http, StatusCode code) => Assert.Equal(code, StatusTable.Of(http));

    [Theory]
    [InlineData(Cause.InvalidRecord, StatusCode.InvalidArgument)]
    [InlineData(Cause.NotAuthorized, StatusCode.PermissionDenied)]
    [InlineData(Cause.UnknownTopic, StatusCode.NotFound)]
    [InlineData(Cause.Timeout, StatusCode.DeadlineExceeded)]
    [InlineData(Cause.Overloaded, StatusCode.ResourceExhausted)]
    [InlineData(Cause.LaneLost, StatusCode.Unavailable)]
    public void Status_OfWhatBrokeAStream(Cause cause, StatusCode code) => Assert.Equal(code, StatusTable.Of(cause));
}
