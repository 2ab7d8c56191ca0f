using System.Net;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>One request in work.</summary>
internal sealed class ApiCall(RequestHeader header, string? clientId, IPAddress client, WireReader request, WireWriter response)
{
    public short Version => header.Version;
    public string ClientId => clientId ?? "";
    public IPAddress Client => client;
    public WireReader Request => request;
    public WireWriter Response => response;

    /// <summary>Set by Produce with acks=0, which is not answered.</summary>
    public bool Unanswered { get; set; }
}
