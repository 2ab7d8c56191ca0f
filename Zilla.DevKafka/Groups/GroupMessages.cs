using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>What a member can do: an assignment strategy and its subscription in that strategy's terms.</summary>
internal sealed record GroupProtocol(string Name, byte[] Metadata);

internal sealed record JoinRequest(
    string MemberId,
    string? InstanceId,
    string ClientId,
    string ClientHost,
    TimeSpan SessionTimeout,
    TimeSpan RebalanceTimeout,
    string ProtocolType,
    List<GroupProtocol> Protocols,
    bool MustKnowMember,
    bool CanSkipAssignment);

internal sealed record JoinedMember(string Id, string? InstanceId, byte[] Metadata);

internal sealed record JoinResult(
    ErrorCode Error,
    string MemberId,
    int Generation = -1,
    string? ProtocolType = null,
    string? Protocol = null,
    string Leader = "",
    IReadOnlyList<JoinedMember>? Members = null,
    bool SkipAssignment = false);

internal sealed record SyncRequest(
    string MemberId, string? InstanceId, int Generation, string? ProtocolType, string? Protocol, Dictionary<string, byte[]> Assignments);

internal sealed record SyncResult(ErrorCode Error, byte[] Assignment, string? ProtocolType = null, string? Protocol = null)
{
    public static SyncResult Failed(ErrorCode error) => new(error, []);
}

internal sealed record MemberDescription(string Id, string? InstanceId, string ClientId, string ClientHost, byte[] Metadata, byte[] Assignment);

internal sealed record GroupDescription(string Id, string State, string ProtocolType, string Protocol, IReadOnlyList<MemberDescription> Members);
