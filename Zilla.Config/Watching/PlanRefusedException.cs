namespace Zilla.Config.Watching;

/// <summary>A plan cannot be put in force. The message is for people: Control shows it, and so does <c>/readyz</c>.</summary>
public sealed class PlanRefusedException(string message, Exception? cause = null) : Exception(message, cause);
