using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary>Where nobody is told of spans, and so ASP.NET Core makes none.</summary>
public sealed class RequestTraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly DefaultHttpContext _context = new();

    public RequestTraceTests() => Activity.Current = null;

    [Fact]
    public void Carry_NamedTrace_IsWhatGoesOn()
    {
        _context.Request.Headers.TraceParent = $"00-{TraceId}-00f067aa0ba902b7-01";
        _context.Request.Headers.TraceState = "vendor=1";

        using var carried = RequestTrace.Carry(_context.Request);

        Assert.Equal((TraceId, "vendor=1", true), (Activity.Current!.TraceId.ToHexString(), Activity.Current.TraceStateString, Activity.Current.Recorded));
        Assert.StartsWith($"00-{TraceId}-", carried!.Id, StringComparison.Ordinal);
        Assert.Equal(TraceId, RequestTrace.IdOf(_context));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")]
    [InlineData("|4bf92f35.1")]
    public void Carry_NoneOrMalformed_CostsNothing(string? parent)
    {
        _context.Request.Headers.TraceParent = parent;

        Assert.Null(RequestTrace.Carry(_context.Request));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void IdOf_NoTrace_IsOneIdForTheWholeRequest()
    {
        var id = RequestTrace.IdOf(_context);

        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, RequestTrace.IdOf(_context));
        Assert.NotEqual(id, RequestTrace.IdOf(new DefaultHttpContext()));
    }
}
